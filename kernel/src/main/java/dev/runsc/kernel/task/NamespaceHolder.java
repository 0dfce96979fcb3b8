package dev.runsc.kernel.task;

import org.jspecify.annotations.Nullable;

/**
 * Who acts in namespaces: a task, or the kernel while it sets a container up. What depends on the
 * caller's namespaces asks for this rather than for a task.
 */
public interface NamespaceHolder {
    /** Null for the kernel itself. */
    @Nullable NamespaceSet namespaces();
}
