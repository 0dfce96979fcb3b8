/**
 * JSON without data binding: reflection over beans costs more at start than the whole of a short
 * command, and so does the parser of the usual library.
 *
 * <p>{@link dev.runsc.cli.json.JsonReader} walks a document value by value, bounds what it takes
 * and names the line of every complaint; {@link dev.runsc.cli.json.JsonScanner} below it knows the
 * grammar; {@link dev.runsc.cli.json.JsonText} writes. All are used by one thread and keep nothing.
 */
@NullMarked
package dev.runsc.cli.json;

import org.jspecify.annotations.NullMarked;
