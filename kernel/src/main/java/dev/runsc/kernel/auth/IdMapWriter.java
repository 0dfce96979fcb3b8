package dev.runsc.kernel.auth;

import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.auth.IdMap.Extent;
import java.util.ArrayList;
import java.util.List;

/**
 * What may be written to {@code /proc/PID/uid_map} and {@code gid_map}, and by whom (Linux
 * kernel/user_namespace.c, map_write and new_idmap_permitted).
 */
public final class IdMapWriter {
    private static final long NO_ID = 0xffff_ffffL;

    private final UserNamespace namespace;
    private final boolean ofUsers;
    private final Credentials opener;
    private final Credentials writer;

    /**
     * For one write.
     *
     * @param opener who opened the file: has the rights, so that a privileged program cannot be
     *     made to write for others
     * @param writer who writes, and must have them, too
     */
    public IdMapWriter(
            UserNamespace namespace, boolean ofUsers, Credentials opener, Credentials writer) {
        this.namespace = namespace;
        this.ofUsers = ofUsers;
        this.opener = opener;
        this.writer = writer;
    }

    /** Sets the map. EPERM, EINVAL. */
    public void write(String text) throws ErrnoException {
        UserNamespace parent = namespace.parent();
        boolean near = opener.namespace() == namespace || opener.namespace() == parent;
        if (parent == null || !near || !opener.hasIn(namespace, Capabilities.CAP_SYS_ADMIN)) {
            throw Errno.EPERM.error();
        }
        List<Extent> given = parse(text);
        namespace.setMap(
                ofUsers,
                toKernel(given, parent),
                groupsMayBeSet -> {
                    if (!isPermitted(given, parent, groupsMayBeSet)) {
                        throw Errno.EPERM.error();
                    }
                });
    }

    private static List<Extent> parse(String text) throws ErrnoException {
        String lines = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
        List<Extent> extents = new ArrayList<>();
        for (String line : lines.split("\n", -1)) {
            String[] words = line.strip().split("\\s+", -1);
            if (words.length != 3 || extents.size() >= IdMap.MAX_EXTENTS) {
                throw Errno.EINVAL.error();
            }
            Extent extent = new Extent(number(words[0]), number(words[1]), number(words[2]));
            boolean valid =
                    extent.first() != NO_ID
                            && extent.kernelFirst() != NO_ID
                            && extent.count() > 0
                            && extent.first() + extent.count() <= NO_ID
                            && extent.kernelFirst() + extent.count() <= NO_ID
                            && extents.stream().noneMatch(other -> overlap(other, extent));
            if (!valid) {
                throw Errno.EINVAL.error();
            }
            extents.add(extent);
        }
        return extents;
    }

    private static boolean overlap(Extent a, Extent b) {
        return overlap(a.first(), b.first(), a.count(), b.count())
                || overlap(a.kernelFirst(), b.kernelFirst(), a.count(), b.count());
    }

    private static boolean overlap(long a, long b, long aCount, long bCount) {
        return a < b + bCount && b < a + aCount;
    }

    /** An unsigned 32-bit number: decimal, octal or hexadecimal by its prefix. */
    private static long number(String word) throws ErrnoException {
        try {
            boolean octal = word.length() > 1 && word.startsWith("0") && !word.startsWith("0x");
            long value = octal ? Long.parseLong(word, 8) : Long.decode(word);
            if (value >= 0 && value <= NO_ID && Character.isDigit(word.charAt(0))) {
                return value;
            }
        } catch (NumberFormatException notOne) {
            throw Errno.EINVAL.error();
        }
        throw Errno.EINVAL.error();
    }

    /** The ids, given as the parent's, as the kernel keeps them; EPERM when one has no mapping. */
    private IdMap toKernel(List<Extent> given, UserNamespace parent) throws ErrnoException {
        IdMap parents = ofUsers ? parent.uids() : parent.gids();
        Extent[] extents = new Extent[given.size()];
        for (int i = 0; i < extents.length; i++) {
            Extent extent = given.get(i);
            long kernelFirst = parents.rangeToKernel(extent.kernelFirst(), extent.count());
            if (kernelFirst < 0) {
                throw Errno.EPERM.error();
            }
            extents[i] = new Extent(extent.first(), kernelFirst, extent.count());
        }
        return new IdMap(extents);
    }

    private boolean isPermitted(List<Extent> given, UserNamespace parent, boolean groupsMayBeSet) {
        if (ofUsers && !mayMapRoot(given, parent)) {
            return false;
        }
        Extent only = given.getFirst();
        if (given.size() == 1
                && only.count() == 1
                && namespace.ownerUid() == opener.effectiveUid()) {
            int id = (int) only.kernelFirst();
            if (ofUsers && parent.uids().toKernel(id) == opener.effectiveUid()) {
                return true;
            }
            if (!ofUsers
                    && !groupsMayBeSet
                    && parent.gids().toKernel(id) == opener.effectiveGid()) {
                return true;
            }
        }
        int capability = ofUsers ? Capabilities.CAP_SETUID : Capabilities.CAP_SETGID;
        return writer.hasIn(parent, capability) && opener.hasIn(parent, capability);
    }

    /** verify_root_map: user 0 of the parent is only for who could have given it capabilities. */
    private boolean mayMapRoot(List<Extent> given, UserNamespace parent) {
        boolean mapsRoot = given.stream().anyMatch(extent -> extent.kernelFirst() == 0);
        if (!mapsRoot) {
            return true;
        }
        return opener.namespace() == namespace
                ? namespace.creatorHadSetfcap()
                : opener.hasIn(parent, Capabilities.CAP_SETFCAP);
    }
}
