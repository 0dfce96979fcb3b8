package dev.runsc.kernel.fs.gofer;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.state.Savable;
import java.util.List;

/**
 * As whose a mount shows the files of the host, and whose those that are made in it are there
 * (MOUNT_ATTR_IDMAP of mount_setattr(2)).
 */
public final class OwnerMap implements Savable {
    /** Every id is itself. */
    public static final OwnerMap NONE = new OwnerMap(List.of(), List.of());

    /** Shown in place of ids that have none, as /proc/sys/kernel/overflowuid says. */
    private static final int OVERFLOW = 65534;

    private final int[] users;
    private final int[] groups;

    /**
     * Some ids in a row.
     *
     * @param stored the first one on the host
     * @param shown what the first one is shown as
     * @param size how many; ids and sizes are unsigned
     */
    public record Range(int stored, int shown, int size) {}

    /** Without ranges every id is itself. */
    public OwnerMap(List<Range> users, List<Range> groups) {
        this.users = flat(users);
        this.groups = flat(groups);
    }

    private static int[] flat(List<Range> ranges) {
        int[] all = new int[3 * ranges.size()];
        for (int i = 0; i < ranges.size(); i++) {
            Range range = ranges.get(i);
            all[3 * i] = range.stored;
            all[3 * i + 1] = range.shown;
            all[3 * i + 2] = range.size;
        }
        return all;
    }

    int shownUser(int stored) {
        int at = find(users, 0, stored);
        return at < 0 ? OVERFLOW : stored + offset(users, at);
    }

    int shownGroup(int stored) {
        int at = find(groups, 0, stored);
        return at < 0 ? OVERFLOW : stored + offset(groups, at);
    }

    /** EOVERFLOW for an id that no file here can have, as Linux's fsuidgid_has_mapping asks. */
    int storedUser(int shown) throws ErrnoException {
        int at = find(users, 1, shown);
        if (at < 0) {
            throw Errno.EOVERFLOW.error();
        }
        return shown - offset(users, at);
    }

    /** As {@link #storedUser}. */
    int storedGroup(int shown) throws ErrnoException {
        int at = find(groups, 1, shown);
        if (at < 0) {
            throw Errno.EOVERFLOW.error();
        }
        return shown - offset(groups, at);
    }

    /** From what is stored to what is shown. */
    private static int offset(int[] map, int at) {
        return map.length == 0 ? 0 : map[at + 1] - map[at];
    }

    /** Where the range of an id begins; 0 in an empty map, -1 when there is none. */
    private static int find(int[] map, int column, int id) {
        if (map.length == 0) {
            return 0;
        }
        for (int at = 0; at < map.length; at += 3) {
            if (Integer.compareUnsigned(id - map[at + column], map[at + 2]) < 0) {
                return at;
            }
        }
        return -1;
    }
}
