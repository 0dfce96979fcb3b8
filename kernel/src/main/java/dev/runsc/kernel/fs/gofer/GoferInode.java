package dev.runsc.kernel.fs.gofer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.gofer.abi.StatxMasks;
import dev.runsc.gofer.client.WalkResult;
import dev.runsc.gofer.protocol.NodeAttributes;
import dev.runsc.gofer.protocol.Reply;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.vfs.AttributeChange;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.MemoryInode;
import dev.runsc.kernel.vfs.RawName;
import dev.runsc.state.AfterRestore;
import dev.runsc.state.RestoreContext;
import dev.runsc.state.RestoreException;
import dev.runsc.state.RestoreOrder;
import dev.runsc.state.Savable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file of the host, known by its name under the mount. */
abstract class GoferInode extends Inode implements AfterRestore {
    private static final String USER_XATTR = "user.";

    /** Guards the node and what belongs to it. A child's is taken before its parent's. */
    protected final KernelLock lock = new KernelLock(LockClass.GOFER);

    private final GoferFileSystem fileSystem;
    private final int type;

    /** As the host has them; after a restore those of whatever has the name now. */
    private volatile long number;

    private volatile long deviceNumber;
    private volatile long shownDevice;

    /** Whether the host has been asked who has the name: not yet after a restore. */
    private transient volatile boolean identified;

    /**
     * A name of a file.
     *
     * @param parent null for the root of the mount
     */
    record Name(@Nullable GoferDirectory parent, String name) implements Savable {}

    /** The name it is found by. Changed under the tree lock. */
    private volatile Name name;

    /** Further names that are known; changed under the tree lock. */
    private @Nullable ArrayList<Name> otherNames;

    /** No name is known: all are unlinked or replaced, or others than the known ones are left. */
    private volatile boolean removed;

    private volatile int mode;
    private volatile int uid;
    private volatile int gid;

    /** As last told; null after a restore, or when they may have changed. */
    private transient volatile @Nullable NodeAttributes attributes;

    /** The gofer's number for it; 0 when it has none. */
    @GuardedBy("lock")
    private transient long node;

    /** Calls in progress that use the node. */
    @GuardedBy("lock")
    private transient int pins;

    GoferInode(
            GoferFileSystem fileSystem,
            @Nullable GoferDirectory parent,
            String name,
            NodeAttributes attributes) {
        this.fileSystem = fileSystem;
        this.name = new Name(parent, name);
        this.type = attributes.mode() & FileMode.S_IFMT;
        this.number = attributes.ino();
        this.deviceNumber = attributes.rdev();
        this.shownDevice = fileSystem.shownDevice(attributes.dev());
        identified = true;
        note(attributes);
    }

    // The node.

    /** Takes over a node just found. */
    final void adoptNode(Reply.Node found) {
        lock.lock();
        try {
            if (node != 0 && node != found.node()) {
                fileSystem.client().release(node);
            }
            node = found.node();
        } finally {
            lock.unlock();
        }
        identify(found.attributes());
        note(found.attributes());
    }

    /**
     * The gofer's number, walking to the file again if it has none. It stays good until {@link
     * #unpin}.
     *
     * @throws ErrnoException ESTALE when the file is gone or of another kind
     */
    final long pin() throws ErrnoException {
        boolean fresh = false;
        long result;
        lock.lock();
        try {
            if (node == 0) {
                Reply.Node found = walkAgain();
                node = found.node();
                note(found.attributes());
                fresh = true;
            }
            pins++;
            result = node;
        } finally {
            lock.unlock();
        }
        if (fresh) {
            fileSystem.cache().used(this);
        }
        return result;
    }

    private boolean hasNode() {
        lock.lock();
        try {
            return node != 0;
        } finally {
            lock.unlock();
        }
    }

    final void unpin() {
        lock.lock();
        try {
            pins--;
        } finally {
            lock.unlock();
        }
    }

    private Reply.Node walkAgain() throws ErrnoException {
        if (removed) {
            throw Errno.ESTALE.error();
        }
        Name known = name;
        GoferDirectory above = known.parent;
        Reply.Node found = above == null ? fileSystem.attachRoot() : above.walkTo(known.name);
        if (found == null) {
            throw Errno.ESTALE.error();
        }
        if ((found.attributes().mode() & FileMode.S_IFMT) != type) {
            fileSystem.client().release(found.node());
            throw Errno.ESTALE.error();
        }
        identify(found.attributes());
        return found;
    }

    /**
     * A file of an image is the one that has its name when it is first looked for: in a copy of the
     * tree, or in one that was made anew, its number is another.
     */
    private void identify(NodeAttributes told) {
        if (identified) {
            return;
        }
        number = told.ino();
        deviceNumber = told.rdev();
        shownDevice = fileSystem.shownDevice(told.dev());
        identified = true;
        fileSystem.enroll(this);
    }

    /**
     * Gives the node up unless a call uses it; false then, or when somebody is just busy with the
     * inode.
     */
    final boolean tryDropNode() {
        if (!lock.tryLock()) {
            return false;
        }
        try {
            if (pins > 0) {
                return false;
            }
            if (node != 0) {
                fileSystem.client().release(node);
                node = 0;
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The path under the mount, for messages. */
    final String pathText() {
        StringBuilder path = new StringBuilder();
        Name at = name;
        while (at.parent != null) {
            path.insert(0, at.name).insert(0, '/');
            at = ((GoferInode) at.parent).name;
        }
        return RawName.text(path.isEmpty() ? "/" : path.toString());
    }

    // The name; tree lock held.

    final void renamed(
            GoferDirectory oldParent, String oldName, GoferDirectory newParent, String newName) {
        Name old = new Name(oldParent, oldName);
        Name changed = new Name(newParent, newName);
        if (name.equals(old)) {
            name = changed;
        } else if (otherNames != null && otherNames.remove(old)) {
            otherNames.add(changed);
        }
    }

    /** A further name of the same file. */
    final void alsoNamed(GoferDirectory directory, String newName) {
        Name added = new Name(directory, newName);
        if (removed) {
            name = added;
            removed = false;
            return;
        }
        if (name.equals(added)) {
            return;
        }
        ArrayList<Name> names = otherNames == null ? new ArrayList<>() : otherNames;
        if (!names.contains(added)) {
            names.add(added);
        }
        otherNames = names;
    }

    /** The name is about to go: what is in use gets what it needs to live without. */
    void prepareRemoval() throws ErrnoException {}

    /** A name is gone; the file goes on under another if one is known. */
    final void nameRemoved(GoferDirectory directory, String goneName) {
        attributes = null;
        Name gone = new Name(directory, goneName);
        if (!name.equals(gone)) {
            if (otherNames != null) {
                otherNames.remove(gone);
            }
        } else if (otherNames != null && !otherNames.isEmpty()) {
            name = otherNames.removeLast();
        } else {
            removed = true;
        }
    }

    @Override
    public int restoreOrder() {
        return RestoreOrder.FOUNDATIONS;
    }

    /** The parent finds its child again. */
    @Override
    public void afterRestore(RestoreContext context) throws RestoreException {
        Name known = name;
        if (known.parent != null && !removed) {
            known.parent.enroll(known.name, this);
        }
        fileSystem.enroll(this);
    }

    @Override
    public final boolean isNameless() {
        return removed;
    }

    final boolean isRemoved() {
        return removed;
    }

    @Override
    public final void restorePlace() throws ErrnoException {
        Name known = name;
        if (known.parent != null && !removed) {
            known.parent.restorePlace();
            known.parent.restoreEntry(known.name, this);
        }
    }

    // Attributes.

    /** Notes attributes just told by the gofer. */
    final void note(NodeAttributes told) {
        mode = type | told.mode() & 07777;
        uid = fileSystem.ids().shownUser(told.uid());
        gid = fileSystem.ids().shownGroup(told.gid());
        attributes = told;
    }

    /** What was told is out of date. */
    final void forgetAttributes() {
        attributes = null;
    }

    final long hostLinks() {
        NodeAttributes known = attributes;
        return known == null ? 1 : known.nlink();
    }

    /** Whether this is the file with such attributes, found under one of its names. */
    final boolean isSame(NodeAttributes other) {
        if (!identified && (other.mode() & FileMode.S_IFMT) == type) {
            identify(other);
        }
        return other.ino() == number
                && (other.mode() & FileMode.S_IFMT) == type
                && fileSystem.shownDevice(other.dev()) == shownDevice;
    }

    /** Attributes as they are now. */
    final NodeAttributes attributes() throws ErrnoException {
        NodeAttributes known = attributes;
        if (known != null && !fileSystem.isShared()) {
            return known;
        }
        long pinned = pin();
        try {
            NodeAttributes told = fileSystem.client().getAttributes(pinned);
            note(told);
            return told;
        } finally {
            unpin();
        }
    }

    @Override
    public final GoferFileSystem fileSystem() {
        return fileSystem;
    }

    @Override
    public final long number() {
        return number;
    }

    @Override
    public final int mode() {
        return mode;
    }

    @Override
    public final int uid() {
        return uid;
    }

    @Override
    public final int gid() {
        return gid;
    }

    @Override
    public final long deviceNumber() {
        return deviceNumber;
    }

    /** {@code st_dev}. */
    final long shownDevice() {
        return shownDevice;
    }

    @Override
    public Stat stat(Caller caller) throws ErrnoException {
        if (removed && !hasNode()) {
            return removedStat();
        }
        return shown(owned(attributes().toStat()));
    }

    /** The host's attributes with the owners this mount shows. */
    final Stat owned(Stat stat) {
        OwnerMap ids = fileSystem.ids();
        return new Stat(
                stat.dev(),
                stat.ino(),
                stat.nlink(),
                stat.mode(),
                ids.shownUser(stat.uid()),
                ids.shownGroup(stat.gid()),
                stat.rdev(),
                stat.size(),
                stat.blockSize(),
                stat.blocks(),
                stat.atime(),
                stat.mtime(),
                stat.ctime());
    }

    /** The host's attributes with the device this mount shows. */
    final Stat shown(Stat stat) {
        return new Stat(
                shownDevice,
                number,
                stat.nlink(),
                type | stat.mode() & 07777,
                stat.uid(),
                stat.gid(),
                deviceNumber,
                stat.size(),
                stat.blockSize(),
                stat.blocks(),
                stat.atime(),
                stat.mtime(),
                stat.ctime());
    }

    /** What is left to say of a file without a name that is not open. */
    protected Stat removedStat() throws ErrnoException {
        var epoch = MemoryInode.timespec(0);
        return new Stat(
                shownDevice,
                number,
                0,
                mode,
                uid,
                gid,
                deviceNumber,
                0,
                4096,
                0,
                epoch,
                epoch,
                epoch);
    }

    @Override
    public long size() throws ErrnoException {
        return attributes().size();
    }

    @Override
    public long birthNanos() {
        NodeAttributes known = attributes;
        return known != null && (known.mask() & StatxMasks.STATX_BTIME) != 0
                ? MemoryInode.nanos(known.btime())
                : UNKNOWN_TIME;
    }

    @Override
    public void changeAttributes(Caller caller, AttributeChange change) throws ErrnoException {
        var sent = dev.runsc.gofer.protocol.AttributeChange.NOTHING;
        if (change.has(AttributeChange.MODE)) {
            sent = sent.withMode(change.mode() & 07777);
        }
        if (change.has(AttributeChange.UID)) {
            sent = sent.withUid(fileSystem.ids().storedUser(change.uid()));
        }
        if (change.has(AttributeChange.GID)) {
            sent = sent.withGid(fileSystem.ids().storedGroup(change.gid()));
        }
        if (change.has(AttributeChange.ACCESS_TIME)) {
            sent = sent.withAtime(MemoryInode.timespec(change.accessNanos()));
        }
        if (change.has(AttributeChange.MODIFY_TIME)) {
            sent = sent.withMtime(MemoryInode.timespec(change.modifyNanos()));
        }
        long pinned = pin();
        try {
            note(fileSystem.client().setAttributes(pinned, sent));
        } finally {
            unpin();
        }
    }

    // Extended attributes: the user family.

    @Override
    public byte[] getXattr(Caller caller, String xattr) throws ErrnoException {
        if (!xattr.startsWith(USER_XATTR)) {
            throw Errno.ENODATA.error();
        }
        long pinned = pin();
        try {
            return fileSystem.client().getXattr(pinned, xattr);
        } finally {
            unpin();
        }
    }

    @Override
    public void setXattr(Caller caller, String xattr, byte[] value, int flags)
            throws ErrnoException {
        requireUserFamily(xattr);
        long pinned = pin();
        try {
            fileSystem.client().setXattr(pinned, xattr, value, flags);
        } finally {
            unpin();
        }
    }

    @Override
    public void removeXattr(Caller caller, String xattr) throws ErrnoException {
        requireUserFamily(xattr);
        long pinned = pin();
        try {
            fileSystem.client().removeXattr(pinned, xattr);
        } finally {
            unpin();
        }
    }

    private static void requireUserFamily(String xattr) throws ErrnoException {
        if (!xattr.startsWith(USER_XATTR)) {
            throw Errno.EOPNOTSUPP.error();
        }
    }

    @Override
    public List<String> listXattrs(Caller caller) throws ErrnoException {
        byte[] names;
        long pinned = pin();
        try {
            names = fileSystem.client().listXattr(pinned);
        } finally {
            unpin();
        }
        List<String> all = new ArrayList<>();
        for (String one : new String(names, StandardCharsets.ISO_8859_1).split("\0")) {
            if (one.startsWith(USER_XATTR)) {
                all.add(one);
            }
        }
        return all;
    }

    /** The only node of a walk of one name; null when there is no such name. */
    static Reply.@Nullable Node single(WalkResult result) {
        return result.nodes().isEmpty() ? null : result.nodes().getFirst();
    }
}
