package dev.runsc.kernel.task;

import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.state.Savable;

/** Host and domain name (uts_namespaces(7)). */
public final class UtsNamespace implements Savable {
    /** The Linux release whose behaviour this kernel follows. */
    public static final String RELEASE = "6.12.0-runsc";

    public static final String VERSION = "#1 SMP PREEMPT_DYNAMIC runsc";

    private final UserNamespace owner;
    private final long number;
    private volatile String hostname;
    private volatile String domainname;

    public UtsNamespace(UserNamespace owner, String hostname, String domainname) {
        this.owner = owner;
        number = owner.newNumber();
        this.hostname = hostname;
        this.domainname = domainname;
    }

    public UserNamespace owner() {
        return owner;
    }

    /** The number in {@code uts:[...]}. */
    public long number() {
        return number;
    }

    public String hostname() {
        return hostname;
    }

    public void setHostname(String name) {
        hostname = name;
    }

    public String domainname() {
        return domainname;
    }

    public void setDomainname(String name) {
        domainname = name;
    }

    /** One with the same names, for the administrators of a user namespace. */
    public UtsNamespace copy(UserNamespace newOwner) {
        return new UtsNamespace(newOwner, hostname, domainname);
    }
}
