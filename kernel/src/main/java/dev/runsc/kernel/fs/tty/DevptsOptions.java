package dev.runsc.kernel.fs.tty;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.state.Savable;
import java.util.Locale;

/**
 * Options of a devpts mount (Linux Documentation/filesystems/devpts.rst). {@code newinstance} is
 * taken and means nothing, as since Linux 4.7.
 *
 * @param uid owner of new replicas, {@link #OPENER} for who opens
 * @param gid group of new replicas, {@link #OPENER} for his
 * @param mode permissions of new replicas
 * @param masterMode permissions of {@code ptmx} in the mount
 * @param most how many terminals there may be
 */
record DevptsOptions(int uid, int gid, int mode, int masterMode, int most) implements Savable {
    static final int OPENER = -1;

    /** NR_UNIX98_PTY_MAX, and what is allowed at most here: /proc/sys/kernel/pty/max. */
    private static final int LIMIT = 4096;

    static final DevptsOptions DEFAULT = new DevptsOptions(OPENER, OPENER, 0600, 0, LIMIT);

    static DevptsOptions parse(String data) throws ErrnoException {
        DevptsOptions options = DEFAULT;
        for (String option : data.split(",", -1)) {
            int equals = option.indexOf('=');
            String key = equals < 0 ? option : option.substring(0, equals);
            String value = equals < 0 ? "" : option.substring(equals + 1);
            options = options.with(key, value);
        }
        return options;
    }

    private DevptsOptions with(String key, String value) throws ErrnoException {
        return switch (key) {
            case "", "newinstance" -> this;
            case "uid" -> new DevptsOptions(number(value, 10), gid, mode, masterMode, most);
            case "gid" -> new DevptsOptions(uid, number(value, 10), mode, masterMode, most);
            case "mode" -> new DevptsOptions(uid, gid, number(value, 8) & 07777, masterMode, most);
            case "ptmxmode" -> new DevptsOptions(uid, gid, mode, number(value, 8) & 07777, most);
            case "max" ->
                    new DevptsOptions(
                            uid, gid, mode, masterMode, Math.min(LIMIT, number(value, 10)));
            default -> throw Errno.EINVAL.error();
        };
    }

    /** Ids that were those of a user namespace; EINVAL without a mapping. */
    DevptsOptions from(UserNamespace users) throws ErrnoException {
        int kernelUid = uid == OPENER ? uid : users.requireUid(uid);
        int kernelGid = gid == OPENER ? gid : users.requireGid(gid);
        return new DevptsOptions(kernelUid, kernelGid, mode, masterMode, most);
    }

    private static int number(String value, int radix) throws ErrnoException {
        try {
            int number = Integer.parseInt(value, radix);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException notOne) {
            throw Errno.EINVAL.error();
        }
        throw Errno.EINVAL.error();
    }

    /** As /proc/mounts shows them (devpts_show_options). */
    String text() {
        StringBuilder text = new StringBuilder();
        if (uid != OPENER) {
            text.append("uid=").append(uid).append(',');
        }
        if (gid != OPENER) {
            text.append("gid=").append(gid).append(',');
        }
        text.append(String.format(Locale.ROOT, "mode=%03o,ptmxmode=%03o", mode, masterMode));
        if (most < LIMIT) {
            text.append(",max=").append(most);
        }
        return text.toString();
    }
}
