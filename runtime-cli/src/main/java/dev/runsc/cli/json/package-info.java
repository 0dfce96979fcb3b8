/**
 * JSON without data binding: reflection over beans costs more at start than the whole of a short
 * command.
 *
 * <p>{@link dev.runsc.cli.json.JsonReader} walks a document token by token (Jackson's streaming
 * parser below), bounds what it takes and names the line of every complaint; {@link
 * dev.runsc.cli.json.JsonText} writes. Both are used by one thread and keep nothing.
 */
@NullMarked
package dev.runsc.cli.json;

import org.jspecify.annotations.NullMarked;
