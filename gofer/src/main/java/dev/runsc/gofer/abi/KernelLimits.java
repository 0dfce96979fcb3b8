package dev.runsc.gofer.abi;

/**
 * Limits of limits.h, uio and the reboot(2), syslog(2), keyctl(2) numbers. Names and values are
 * those of the Linux x86-64 headers.
 */
public final class KernelLimits {
    public static final int ARG_MAX = 0x20000;

    public static final int KEY_SPEC_REQUESTOR_KEYRING = -8;
    public static final int KEY_SPEC_REQKEY_AUTH_KEY = -7;
    public static final int KEY_SPEC_GROUP_KEYRING = -6;
    public static final int KEY_SPEC_USER_SESSION_KEYRING = -5;
    public static final int KEY_SPEC_USER_KEYRING = -4;
    public static final int KEY_SPEC_SESSION_KEYRING = -3;
    public static final int KEY_SPEC_PROCESS_KEYRING = -2;
    public static final int KEY_SPEC_THREAD_KEYRING = -1;

    public static final int KEYCTL_GET_KEYRING_ID = 0;
    public static final int KEYCTL_CAPS0_CAPABILITIES = 1;
    public static final int KEYCTL_CAPS1_NS_KEYRING_NAME = 1;
    public static final int KEYCTL_JOIN_SESSION_KEYRING = 1;
    public static final int KEYCTL_MOVE_EXCL = 1;
    public static final int KEYCTL_SUPPORTS_ENCRYPT = 1;
    public static final int KEYCTL_CAPS0_PERSISTENT_KEYRINGS = 2;
    public static final int KEYCTL_CAPS1_NS_KEY_TAG = 2;
    public static final int KEYCTL_SUPPORTS_DECRYPT = 2;
    public static final int KEYCTL_UPDATE = 2;
    public static final int KEYCTL_REVOKE = 3;
    public static final int KEYCTL_CAPS0_DIFFIE_HELLMAN = 4;
    public static final int KEYCTL_CAPS1_NOTIFICATIONS = 4;
    public static final int KEYCTL_CHOWN = 4;
    public static final int KEYCTL_SUPPORTS_SIGN = 4;
    public static final int KEYCTL_SETPERM = 5;
    public static final int KEYCTL_DESCRIBE = 6;
    public static final int KEYCTL_CLEAR = 7;
    public static final int KEYCTL_CAPS0_PUBLIC_KEY = 8;
    public static final int KEYCTL_LINK = 8;
    public static final int KEYCTL_SUPPORTS_VERIFY = 8;
    public static final int KEYCTL_UNLINK = 9;
    public static final int KEYCTL_SEARCH = 0xa;
    public static final int KEYCTL_READ = 0xb;
    public static final int KEYCTL_INSTANTIATE = 0xc;
    public static final int KEYCTL_NEGATE = 0xd;
    public static final int KEYCTL_SET_REQKEY_KEYRING = 0xe;
    public static final int KEYCTL_SET_TIMEOUT = 0xf;
    public static final int KEYCTL_ASSUME_AUTHORITY = 0x10;
    public static final int KEYCTL_CAPS0_BIG_KEY = 0x10;
    public static final int KEYCTL_GET_SECURITY = 0x11;
    public static final int KEYCTL_SESSION_TO_PARENT = 0x12;
    public static final int KEYCTL_REJECT = 0x13;
    public static final int KEYCTL_INSTANTIATE_IOV = 0x14;
    public static final int KEYCTL_INVALIDATE = 0x15;
    public static final int KEYCTL_GET_PERSISTENT = 0x16;
    public static final int KEYCTL_DH_COMPUTE = 0x17;
    public static final int KEYCTL_PKEY_QUERY = 0x18;
    public static final int KEYCTL_PKEY_ENCRYPT = 0x19;
    public static final int KEYCTL_PKEY_DECRYPT = 0x1a;
    public static final int KEYCTL_PKEY_SIGN = 0x1b;
    public static final int KEYCTL_PKEY_VERIFY = 0x1c;
    public static final int KEYCTL_RESTRICT_KEYRING = 0x1d;
    public static final int KEYCTL_MOVE = 0x1e;
    public static final int KEYCTL_CAPABILITIES = 0x1f;
    public static final int KEYCTL_CAPS0_INVALIDATE = 0x20;
    public static final int KEYCTL_WATCH_KEY = 0x20;
    public static final int KEYCTL_CAPS0_RESTRICT_KEYRING = 0x40;
    public static final int KEYCTL_CAPS0_MOVE = 0x80;

    public static final int LINK_MAX = 0x7f;

    public static final int LINUX_REBOOT_CMD_CAD_OFF = 0;
    public static final int LINUX_REBOOT_CMD_RESTART = 0x1234567;
    public static final int LINUX_REBOOT_MAGIC2A = 0x5121996;
    public static final int LINUX_REBOOT_MAGIC2B = 0x16041998;
    public static final int LINUX_REBOOT_MAGIC2C = 0x20112000;
    public static final int LINUX_REBOOT_MAGIC2 = 0x28121969;
    public static final int LINUX_REBOOT_CMD_POWER_OFF = 0x4321fedc;
    public static final int LINUX_REBOOT_CMD_KEXEC = 0x45584543;
    public static final int LINUX_REBOOT_CMD_CAD_ON = 0x89abcdef;
    public static final int LINUX_REBOOT_CMD_RESTART2 = 0xa1b2c3d4;
    public static final int LINUX_REBOOT_CMD_HALT = 0xcdef0123;
    public static final int LINUX_REBOOT_CMD_SW_SUSPEND = 0xd000fce2;
    public static final int LINUX_REBOOT_MAGIC1 = 0xfee1dead;

    public static final int MAX_CANON = 0xff;
    public static final int MAX_INPUT = 0xff;

    public static final int NAME_MAX = 0xff;

    public static final int NGROUPS_MAX = 0x10000;

    public static final int NR_OPEN = 0x400;

    public static final int PATH_MAX = 0x1000;

    public static final int PIPE_BUF = 0x1000;

    public static final int RTSIG_MAX = 0x20;

    public static final int UIO_FASTIOV = 8;
    public static final int UIO_MAXIOV = 0x400;

    public static final int __NEW_UTS_LEN = 0x40;

    private KernelLimits() {}
}
