package dev.runsc.kernel.vfs;

import dev.runsc.gofer.abi.ErrnoException;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * An open directory whose entries have no positions of their own: the listing is taken whole at the
 * first read and kept until the reader starts over. Positions are places in it.
 */
public final class ListingFile extends DirectoryFile {
    private static final long FIRST_POSITION = 2;

    /** Guarded by the position's lock. */
    private @Nullable ArrayList<ListedEntry> listing;

    public ListingFile(Location location, int flags) {
        super(location, flags);
    }

    @Override
    protected void listContents(Caller caller, long from, EntrySink sink) throws ErrnoException {
        ArrayList<ListedEntry> entries = listing;
        if (entries == null) {
            entries = new ArrayList<>(inode().listAll(caller));
            listing = entries;
        }
        for (long at = from; at - FIRST_POSITION < entries.size(); at++) {
            ListedEntry entry = entries.get((int) (at - FIRST_POSITION));
            if (!sink.accept(RawName.bytes(entry.name()), entry.inode(), at + 1, entry.type())) {
                return;
            }
        }
    }

    @Override
    protected void rewound() {
        listing = null;
    }
}
