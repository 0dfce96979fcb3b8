package dev.runsc.kernel.fs.cgroup;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.cgroup.ControlGroup;
import java.util.regex.Pattern;

/**
 * The rules of devices.list. They are kept and shown; every device there is belongs to the sandbox,
 * so nothing needs their protection.
 */
final class DeviceRules {
    private static final String KEY = "devices.list";
    private static final Pattern RULE =
            Pattern.compile("[bc] (\\*|\\d{1,10}):(\\*|\\d{1,10}) [rwm]{1,3}");

    /** Rules of one group. */
    private static final int BYTES_MAX = 1 << 16;

    private DeviceRules() {}

    /** devcgroup_update_access; the text begins with a blank once it has been written. */
    static void write(GroupView view, String text, boolean allow) throws ErrnoException {
        ControlGroup group = view.group();
        if (text.startsWith("a")) {
            group.setText(KEY, allow ? "" : " ");
            return;
        }
        if (!RULE.matcher(text).matches()) {
            throw Errno.EINVAL.error();
        }
        String rules = group.text(KEY);
        if (allow) {
            if (!rules.isEmpty() && !rules.contains(text + "\n")) {
                if (rules.length() + text.length() > BYTES_MAX) {
                    throw Errno.ENOMEM.error();
                }
                group.setText(KEY, rules + text + "\n");
            }
        } else if (!rules.isEmpty()) {
            String rest = rules.replace(text + "\n", "");
            group.setText(KEY, rest);
        }
    }
}
