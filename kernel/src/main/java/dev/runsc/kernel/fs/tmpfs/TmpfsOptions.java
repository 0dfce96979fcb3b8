package dev.runsc.kernel.fs.tmpfs;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.auth.IdMap;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.state.Savable;
import org.jspecify.annotations.Nullable;

/**
 * Options of a tmpfs mount (tmpfs(5)).
 *
 * @param maxPages size limit in pages, or {@link #UNLIMITED}
 * @param maxInodes limit of files, or {@link #UNLIMITED}
 * @param mode permission bits of the root
 * @param uid owner of the root
 * @param gid group of the root
 * @param text as /proc/mounts shows them
 */
public record TmpfsOptions(long maxPages, long maxInodes, int mode, int uid, int gid, String text)
        implements Savable {
    public static final long UNLIMITED = Long.MAX_VALUE;

    private static final int STICKY_ALL = 01777;

    /** No limits, root 0755: for our own mounts. */
    public static TmpfsOptions unlimited(int mode) {
        return new TmpfsOptions(UNLIMITED, UNLIMITED, mode, 0, 0, "");
    }

    /**
     * The defaults of mount(2).
     *
     * @param maxPages half of the machine's memory, as Linux has it
     */
    public static TmpfsOptions defaults(long maxPages) {
        return new TmpfsOptions(maxPages, maxPages, STICKY_ALL, 0, 0, "");
    }

    /**
     * Reads {@code size=64k,nr_inodes=100,mode=1777,...} over defaults. EINVAL for what is unknown
     * or not a number.
     */
    public static TmpfsOptions parse(String data, TmpfsOptions defaults) throws ErrnoException {
        return parse(data, defaults, null);
    }

    /**
     * As above.
     *
     * @param users whose ids the options are in, null for the kernel's own
     */
    static TmpfsOptions parse(String data, TmpfsOptions defaults, @Nullable UserNamespace users)
            throws ErrnoException {
        long pages = defaults.maxPages;
        long inodes = defaults.maxInodes;
        int mode = defaults.mode;
        int uid = defaults.uid;
        int gid = defaults.gid;
        StringBuilder text = new StringBuilder();
        for (String option : data.split(",", -1)) {
            int equals = option.indexOf('=');
            String key = equals < 0 ? option : option.substring(0, equals);
            String value = equals < 0 ? "" : option.substring(equals + 1);
            switch (key) {
                case "" -> {
                    continue;
                }
                case "size" -> pages = limit(sizePages(value, defaults.maxPages));
                case "nr_blocks" -> pages = limit(number(value));
                case "nr_inodes" -> inodes = limit(number(value));
                case "mode" -> mode = (int) octal(value) & 07777;
                case "uid" -> uid = id(number(value), users == null ? null : users.uids());
                case "gid" -> gid = id(number(value), users == null ? null : users.gids());
                case "huge", "mpol", "inode32", "inode64", "noswap" -> {
                    continue;
                }
                default -> throw Errno.EINVAL.error();
            }
            text.append(text.isEmpty() ? "" : ",").append(shown(key, value, pages, mode));
        }
        return new TmpfsOptions(pages, inodes, mode, uid, gid, text.toString());
    }

    /** With other defaults for the root's owner. */
    TmpfsOptions ownedBy(int ownerUid, int ownerGid) {
        return new TmpfsOptions(maxPages, maxInodes, mode, ownerUid, ownerGid, text);
    }

    private static int id(long given, @Nullable IdMap map) throws ErrnoException {
        int id = map == null ? (int) given : map.toKernel((int) given);
        if (id == IdMap.NONE) {
            throw Errno.EINVAL.error();
        }
        return id;
    }

    private static String shown(String key, String value, long pages, int mode) {
        return switch (key) {
            case "size", "nr_blocks" -> pages == UNLIMITED ? "size=0" : "size=" + pages * 4 + "k";
            case "mode" -> "mode=" + Integer.toOctalString(mode);
            default -> key + "=" + value;
        };
    }

    /** Zero means no limit. */
    private static long limit(long value) {
        return value == 0 ? UNLIMITED : value;
    }

    private static long sizePages(String value, long defaultPages) throws ErrnoException {
        if (value.endsWith("%")) {
            long percent = number(value.substring(0, value.length() - 1));
            if (defaultPages == UNLIMITED) {
                return 0;
            }
            // The default is half of memory.
            return defaultPages / 50 * percent;
        }
        long bytes = number(value);
        return bytes / TmpfsFileSystem.PAGE_SIZE + (bytes % TmpfsFileSystem.PAGE_SIZE == 0 ? 0 : 1);
    }

    /** A number with an optional k, m or g behind it (Linux memparse). */
    private static long number(String value) throws ErrnoException {
        if (value.isEmpty()) {
            throw Errno.EINVAL.error();
        }
        int shift =
                switch (Character.toLowerCase(value.charAt(value.length() - 1))) {
                    case 'k' -> 10;
                    case 'm' -> 20;
                    case 'g' -> 30;
                    case 't' -> 40;
                    default -> 0;
                };
        long number = digits(shift == 0 ? value : value.substring(0, value.length() - 1), 10);
        if (number > Long.MAX_VALUE >> shift) {
            throw Errno.EINVAL.error();
        }
        return number << shift;
    }

    private static long octal(String value) throws ErrnoException {
        return digits(value, 8);
    }

    private static long digits(String value, int radix) throws ErrnoException {
        long result = 0;
        if (value.isEmpty() || value.length() > 18) {
            throw Errno.EINVAL.error();
        }
        for (int i = 0; i < value.length(); i++) {
            int digit = Character.digit(value.charAt(i), radix);
            if (digit < 0) {
                throw Errno.EINVAL.error();
            }
            result = result * radix + digit;
        }
        return result;
    }
}
