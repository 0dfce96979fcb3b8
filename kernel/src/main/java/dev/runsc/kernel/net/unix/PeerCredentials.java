package dev.runsc.kernel.net.unix;

import dev.runsc.gofer.abi.Ucred;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.state.Savable;

/**
 * Who stands behind a message or a connection ({@code struct ucred}).
 *
 * @param pid as the sender's own PID namespace sees it
 */
public record PeerCredentials(int pid, int uid, int gid) implements Savable {
    /** Before there is a peer (Linux cred_to_ucred without credentials). */
    static final PeerCredentials NOBODY = new PeerCredentials(0, -1, -1);

    /** SO_PEERCRED: effective ids. */
    static PeerCredentials ofConnection(Caller caller) {
        Credentials who = caller.credentials();
        return new PeerCredentials(caller.processId(), who.effectiveUid(), who.effectiveGid());
    }

    /** SCM_CREDENTIALS that the sender did not give itself: real ids. */
    public static PeerCredentials ofMessage(Caller caller) {
        Credentials who = caller.credentials();
        return new PeerCredentials(caller.processId(), who.uid(), who.gid());
    }

    /** With the ids that a user namespace has for them. */
    public Ucred shownTo(UserNamespace viewer) {
        return uid == NOBODY.uid
                ? new Ucred(pid, uid, gid)
                : new Ucred(pid, viewer.shownUid(uid), viewer.shownGid(gid));
    }
}
