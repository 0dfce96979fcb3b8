package dev.runsc.kernel.task;

import dev.runsc.state.Savable;

/** A container inside the sandbox. The name outlives a restore, the id does not. */
public final class Container implements Savable {
    private final String name;
    private final SandboxFiles sandboxFiles;
    private volatile String id;

    public Container(String name, String id, SandboxFiles sandboxFiles) {
        this.name = name;
        this.id = id;
        this.sandboxFiles = sandboxFiles;
    }

    public String name() {
        return name;
    }

    /** What its instances of proc show of the sandbox. */
    public SandboxFiles sandboxFiles() {
        return sandboxFiles;
    }

    public String id() {
        return id;
    }

    public void setId(String newId) {
        id = newId;
    }
}
