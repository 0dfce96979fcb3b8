package dev.runsc.kernel.task;

import dev.runsc.state.Savable;
import java.util.LinkedHashSet;
import java.util.List;

/** A process group (setpgid(2)). Guarded by the task set's lock. */
public final class ProcessGroup implements Savable {
    private final PidNumbers numbers;
    private final Session session;
    private final LinkedHashSet<ThreadGroup> members = new LinkedHashSet<>();

    ProcessGroup(PidNumbers numbers, Session session) {
        this.numbers = numbers;
        this.session = session;
        session.processGroupAdded();
        PidNamespace.addProcessGroup(this);
    }

    public PidNumbers numbers() {
        return numbers;
    }

    public Session session() {
        return session;
    }

    public List<ThreadGroup> members() {
        return List.copyOf(members);
    }

    void add(ThreadGroup group) {
        members.add(group);
    }

    void remove(ThreadGroup group) {
        members.remove(group);
        if (members.isEmpty()) {
            PidNamespace.removeProcessGroup(this);
            session.processGroupRemoved();
        }
    }

    /**
     * Whether no member has a parent in another group of the same session (termios(4), "orphaned").
     */
    public boolean isOrphaned() {
        for (ThreadGroup member : members) {
            ThreadGroup parent = member.parent();
            if (parent != null
                    && !parent.isZombie()
                    && parent.processGroup() != this
                    && parent.processGroup().session() == session) {
                return false;
            }
        }
        return true;
    }

    boolean hasStoppedMember() {
        return members.stream().anyMatch(ThreadGroup::isStopped);
    }
}
