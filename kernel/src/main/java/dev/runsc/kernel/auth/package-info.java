/**
 * Who a task is and what it may do: {@link dev.runsc.kernel.auth.Credentials} and {@link
 * dev.runsc.kernel.auth.UserNamespace}. Immutable values, saved whole, used by every layer above.
 */
package dev.runsc.kernel.auth;
