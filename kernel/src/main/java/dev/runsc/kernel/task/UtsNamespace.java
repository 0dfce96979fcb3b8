package dev.runsc.kernel.task;

import dev.runsc.state.Savable;

/** Host and domain name (uts_namespaces(7)). */
public final class UtsNamespace implements Savable {
    /** The Linux release whose behaviour this kernel follows. */
    public static final String RELEASE = "6.12.0-runsc";

    public static final String VERSION = "#1 SMP PREEMPT_DYNAMIC runsc";

    private volatile String hostname;
    private volatile String domainname;

    public UtsNamespace(String hostname, String domainname) {
        this.hostname = hostname;
        this.domainname = domainname;
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

    public UtsNamespace copy() {
        return new UtsNamespace(hostname, domainname);
    }
}
