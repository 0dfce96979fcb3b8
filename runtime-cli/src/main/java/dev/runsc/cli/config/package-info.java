/**
 * The flags before the command: one table, one parser, one immutable result.
 *
 * <p>{@link dev.runsc.cli.config.GlobalFlag} lists what is known and what becomes of it, {@link
 * dev.runsc.cli.config.GlobalFlags} reads an argument vector, {@link
 * dev.runsc.cli.config.RuntimeConfig} is what commands see. Every start passes here, so nothing
 * reflects and nothing is loaded that is not needed. Values only.
 */
@NullMarked
package dev.runsc.cli.config;

import org.jspecify.annotations.NullMarked;
