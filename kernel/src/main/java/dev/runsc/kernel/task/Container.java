package dev.runsc.kernel.task;

import dev.runsc.state.Savable;

/** A container inside the sandbox. The name outlives a restore, the id does not. */
public final class Container implements Savable {
    private final String name;
    private volatile String id;

    public Container(String name, String id) {
        this.name = name;
        this.id = id;
    }

    public String name() {
        return name;
    }

    public String id() {
        return id;
    }

    public void setId(String newId) {
        id = newId;
    }
}
