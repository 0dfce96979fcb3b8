package dev.runsc.kernel.fs;

import dev.runsc.gofer.abi.AtFlags;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FallocateModes;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.RenameFlags;
import dev.runsc.gofer.abi.SeekWhence;
import dev.runsc.gofer.abi.Stat;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Random;

/** Random operations on two trees that must answer alike. */
final class TreeTorture {
    private static final String[] NAMES = {"a", "b", "c", "d", "e\u00ff"};
    private static final String[] TARGETS = {
        "a", "b", "c/a", "a/b", "./d", "nothing", "c", "a/", "b/c/d"
    };
    private static final int[] USERS = {0, 1000, 1001, 1002};
    private static final int SLOTS = 4;
    private static final int MAX_OFFSET = 40_000;

    /** What may differ between the trees. */
    record Tolerance(
            boolean directorySizes,
            boolean directoryLinks,
            boolean blocks,
            boolean renamesOfDirectories,
            boolean unnamedFiles) {}

    /** An operation; what it answers is text to compare. */
    private interface Operation {
        String on(FileTree tree) throws ErrnoException;
    }

    private final FileTree ours;
    private final FileTree reference;
    private final Random random;
    private final Tolerance tolerance;

    /**
     * Linux tmpfs shows pages allocated but not written as holes, ours as data: a run does either,
     * seeking or allocating.
     */
    private final boolean seeksHoles;

    private boolean manyUsers;

    private final ArrayDeque<String> history = new ArrayDeque<>();

    TreeTorture(FileTree ours, FileTree reference, long seed, Tolerance tolerance) {
        this.ours = ours;
        this.reference = reference;
        this.random = new Random(seed);
        this.tolerance = tolerance;
        this.seeksHoles = random.nextBoolean();
    }

    /** One of several threads on a tree that nothing is compared with. */
    static TreeTorture alone(FileTree tree, long seed) {
        return new TreeTorture(tree, tree, seed, new Tolerance(true, true, true, true, true));
    }

    /** Does one operation; any errno will do. */
    void stepAlone() {
        answer(next(new String[1]), ours);
    }

    /** From now on operations are those of several users, each unlike the next. */
    void asManyUsers() {
        manyUsers = true;
    }

    private void changeUser() {
        int uid = USERS[random.nextInt(USERS.length)];
        int gid = USERS[random.nextInt(USERS.length)];
        int group = USERS[random.nextInt(USERS.length)];
        become(uid, gid, group);
        history.addLast("become " + uid + " " + gid + " " + group);
    }

    private void become(int uid, int gid, int group) {
        ours.become(uid, gid, group);
        reference.become(uid, gid, group);
    }

    /** Does one operation on both. */
    void step() {
        if (manyUsers && random.nextInt(5) == 0) {
            changeUser();
        }
        String[] text = {""};
        Operation operation = next(text);
        String mine = answer(operation, ours);
        history.addLast(text[0] + " = " + mine);
        if (history.size() > 60) {
            history.removeFirst();
        }
        boolean differs =
                mine.equals("EXDEV") && tolerance.renamesOfDirectories
                        || mine.equals("EOPNOTSUPP") && tolerance.unnamedFiles;
        if (differs) {
            return;
        }
        String theirs = answer(operation, reference);
        if (!mine.equals(theirs)) {
            throw new AssertionError(
                    "differs: "
                            + text[0]
                            + "\n ours "
                            + mine
                            + "\n host "
                            + theirs
                            + "\nafter\n"
                            + String.join("\n", history));
        }
    }

    private static String answer(Operation operation, FileTree tree) {
        try {
            return operation.on(tree);
        } catch (ErrnoException e) {
            return e.errno().name();
        }
    }

    /** Compares all names and contents. */
    void compareTrees() {
        if (manyUsers) {
            become(0, 0, 0);
        }
        String mine = answer(tree -> dump(tree, "."), ours);
        String theirs = answer(tree -> dump(tree, "."), reference);
        if (!mine.equals(theirs)) {
            throw new AssertionError(
                    "trees differ\nours\n"
                            + mine
                            + "\nhost\n"
                            + theirs
                            + "\nafter\n"
                            + String.join("\n", history));
        }
    }

    private String dump(FileTree tree, String path) throws ErrnoException {
        StringBuilder text = new StringBuilder();
        for (String entry : tree.list(path)) {
            String name = path + "/" + entry.substring(0, entry.lastIndexOf(':'));
            Stat stat = tree.stat(name, false);
            text.append(entry).append(' ').append(name).append(' ').append(shown(stat));
            switch (stat.mode() & FileMode.S_IFMT) {
                case FileMode.S_IFLNK ->
                        text.append(" -> ").append(tree.readLink(name)).append('\n');
                case FileMode.S_IFDIR -> text.append('\n').append(dump(tree, name));
                case FileMode.S_IFREG -> {
                    tree.open(SLOTS, name, OpenFlags.O_RDONLY, 0);
                    text.append(' ')
                            .append(Arrays.hashCode(tree.readAt(SLOTS, 1 << 20, 0)))
                            .append('\n');
                    tree.close(SLOTS);
                }
                default -> text.append('\n');
            }
        }
        return text.toString();
    }

    private String shown(Stat stat) {
        boolean directory = (stat.mode() & FileMode.S_IFMT) == FileMode.S_IFDIR;
        String links = directory && tolerance.directoryLinks ? "" : " links " + stat.nlink();
        String size = directory && tolerance.directorySizes ? "" : " size " + stat.size();
        String blocks = tolerance.blocks ? "" : " blocks " + stat.blocks();
        return Integer.toOctalString(stat.mode())
                + links
                + size
                + blocks
                + " "
                + stat.uid()
                + ":"
                + stat.gid();
    }

    // Choosing.

    private <T> T pick(T[] all) {
        return all[random.nextInt(all.length)];
    }

    private String path() {
        StringBuilder path = new StringBuilder(pick(NAMES));
        while (random.nextInt(3) > 0 && path.length() < 12) {
            path.append(random.nextInt(12) == 0 ? "//" : "/");
            switch (random.nextInt(14)) {
                case 0 -> path.append(".");
                // Once at most, so that no path leaves the tree.
                case 1 -> path.append(path.indexOf("..") < 0 ? ".." : ".");
                default -> path.append(pick(NAMES));
            }
        }
        if (random.nextInt(15) == 0) {
            path.append('/');
        }
        return path.toString();
    }

    private byte[] data() {
        byte[] data = new byte[random.nextInt(random.nextInt(4) == 0 ? 12_000 : 300)];
        random.nextBytes(data);
        return data;
    }

    private Operation next(String[] text) {
        int kind = random.nextInt(100);
        if (kind < 45) {
            return names(kind, text);
        }
        return contents(kind - 45, text);
    }

    private Operation names(int kind, String[] text) {
        String path = path();
        String other = path();
        if (kind < 9) {
            return mkdir(path, text);
        }
        if (kind < 12) {
            text[0] = "mknod fifo " + path;
            return tree -> done(() -> tree.mknod(path, FileMode.S_IFIFO | 0644));
        }
        if (kind < 16) {
            String target = pick(TARGETS);
            text[0] = "symlink " + target + " " + path;
            return tree -> done(() -> tree.symlink(target, path));
        }
        if (kind < 20) {
            int flags = random.nextBoolean() ? AtFlags.AT_SYMLINK_FOLLOW : 0;
            text[0] = "link " + path + " " + other + " " + flags;
            return tree -> done(() -> tree.link(path, other, flags));
        }
        if (kind < 25) {
            text[0] = "unlink " + path;
            return tree -> done(() -> tree.unlink(path));
        }
        if (kind < 29) {
            text[0] = "rmdir " + path;
            return tree -> done(() -> tree.rmdir(path));
        }
        if (kind < 38) {
            int flags =
                    switch (random.nextInt(6)) {
                        case 0 -> RenameFlags.RENAME_EXCHANGE;
                        case 1 -> RenameFlags.RENAME_NOREPLACE;
                        default -> 0;
                    };
            text[0] = "rename " + path + " " + other + " " + flags;
            return tree -> done(() -> tree.rename(path, other, flags));
        }
        if (kind < 41) {
            int mode = random.nextInt(010000);
            text[0] = "chmod " + path + " " + Integer.toOctalString(mode);
            return tree -> done(() -> tree.chmod(path, mode));
        }
        if (manyUsers && random.nextInt(3) == 0) {
            int uid = random.nextInt(3) == 0 ? -1 : USERS[random.nextInt(USERS.length)];
            int gid = random.nextInt(3) == 0 ? -1 : USERS[random.nextInt(USERS.length)];
            text[0] = "chown " + path + " " + uid + " " + gid;
            return tree -> done(() -> tree.chown(path, uid, gid));
        }
        if (kind < 43) {
            text[0] = "readlink " + path;
            return tree -> tree.readLink(path);
        }
        text[0] = "list " + path;
        return tree -> String.join(",", tree.list(path));
    }

    private Operation mkdir(String path, String[] text) {
        int mode = random.nextInt(02000);
        text[0] = "mkdir " + path + " " + Integer.toOctalString(mode);
        return tree -> done(() -> tree.mkdir(path, mode));
    }

    private Operation contents(int kind, String[] text) {
        int slot = random.nextInt(SLOTS);
        int offset = random.nextInt(MAX_OFFSET);
        if (kind < 15) {
            return open(slot, text);
        }
        if (kind < 17) {
            text[0] = "close " + slot;
            return tree -> done(() -> tree.close(slot));
        }
        if (kind < 24) {
            byte[] data = data();
            text[0] = "write " + slot + " " + data.length;
            return tree -> "" + tree.write(slot, data);
        }
        if (kind < 30) {
            byte[] data = data();
            text[0] = "pwrite " + slot + " " + data.length + " " + offset;
            return tree -> "" + tree.writeAt(slot, data, offset);
        }
        if (kind < 34) {
            text[0] = "read " + slot;
            return tree -> digest(tree.read(slot, 3000));
        }
        if (kind < 37) {
            text[0] = "pread " + slot + " " + offset;
            return tree -> digest(tree.readAt(slot, 9000, offset));
        }
        if (kind < 42) {
            int whence = random.nextInt(seeksHoles ? 5 : 3);
            int by = whence == SeekWhence.SEEK_END ? -random.nextInt(5000) : offset - 100;
            text[0] = "lseek " + slot + " " + by + " " + whence;
            return tree -> "" + tree.seek(slot, by, whence);
        }
        if (kind < 45) {
            text[0] = "ftruncate " + slot + " " + offset;
            return tree -> done(() -> tree.truncate(slot, offset));
        }
        if (kind < 49) {
            return allocate(slot, offset, text);
        }
        if (kind < 51) {
            text[0] = "fstat " + slot;
            return tree -> shown(tree.stat(slot));
        }
        String path = path();
        boolean follow = random.nextBoolean();
        text[0] = "stat " + path + " " + follow;
        return tree -> shown(tree.stat(path, follow));
    }

    private Operation open(int slot, String[] text) {
        int[] choices = {
            OpenFlags.O_RDONLY,
            OpenFlags.O_WRONLY,
            OpenFlags.O_RDWR,
            OpenFlags.O_RDWR | OpenFlags.O_CREAT,
            OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL,
            OpenFlags.O_RDWR | OpenFlags.O_TRUNC,
            OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_APPEND,
            OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_TRUNC,
            OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY,
            OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW,
            OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_NOFOLLOW,
            OpenFlags.O_RDWR | OpenFlags.O_TMPFILE,
        };
        // FIFOs do not wait, and cannot be opened for writing without a reader.
        int flags = choices[random.nextInt(choices.length)] | OpenFlags.O_NONBLOCK;
        String path = path();
        int mode = random.nextInt(01000);
        text[0] =
                "open "
                        + slot
                        + " "
                        + path
                        + " "
                        + Integer.toOctalString(flags)
                        + " "
                        + Integer.toOctalString(mode);
        return tree -> {
            if (isFifo(tree, path)) {
                return "fifo";
            }
            tree.open(slot, path, flags, mode);
            return "ok";
        };
    }

    private static boolean isFifo(FileTree tree, String path) {
        try {
            return (tree.stat(path, true).mode() & FileMode.S_IFMT) == FileMode.S_IFIFO;
        } catch (ErrnoException e) {
            return false;
        }
    }

    private Operation allocate(int slot, int offset, String[] text) {
        int length = random.nextInt(20_000) + 1;
        int mode =
                switch (random.nextInt(seeksHoles ? 2 : 4) + (seeksHoles ? 2 : 0)) {
                    case 0 -> 0;
                    case 1 -> FallocateModes.FALLOC_FL_KEEP_SIZE;
                    default ->
                            FallocateModes.FALLOC_FL_KEEP_SIZE
                                    | FallocateModes.FALLOC_FL_PUNCH_HOLE;
                };
        text[0] = "fallocate " + slot + " " + mode + " " + offset + " " + length;
        return tree -> done(() -> tree.allocate(slot, mode, offset, length));
    }

    private static String digest(byte[] data) {
        return data.length + " bytes " + Arrays.hashCode(data);
    }

    private interface Action {
        void run() throws ErrnoException;
    }

    private static String done(Action action) throws ErrnoException {
        action.run();
        return "ok";
    }
}
