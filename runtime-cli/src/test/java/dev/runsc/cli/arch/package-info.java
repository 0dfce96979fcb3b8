/**
 * The walls between the modules, held by tests where all modules are visible: which package may use
 * which, and whose library types stay out of exported signatures.
 */
@org.jspecify.annotations.NullMarked
package dev.runsc.cli.arch;
