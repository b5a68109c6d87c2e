package io.pageferry.stream;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.LinuxException;
import io.pageferry.manifest.SpaceLayout;
import io.pageferry.path.PagePathIn;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What comes, or came, by streams, read as a space is: pages are where they belong already, so the reader gets a look at them. One
 * that was dropped there, since it was not what the manifest says, reads as zeroes and does not match its checksum: it is lost.
 */
abstract class InPlacePathIn implements PagePathIn {
    static final int PAGE = SpaceLayout.PAGE_BYTES;

    final SpaceLayout layout;
    final Descriptor memfd;
    final ManifestFile manifest;

    /**
     * @param memfd the waiting program's memory
     * @param manifest closed with this
     */
    InPlacePathIn(SpaceLayout layout, Descriptor memfd, ManifestFile manifest) {
        this.layout = layout;
        this.memfd = memfd;
        this.manifest = manifest;
    }

    @Override
    public final boolean isInPlace() {
        return true;
    }

    @Override
    public final void read(long offset, MemorySegment into, Done done) {
        done.done(failureOf(offset, into));
    }

    @Override
    public final void readUrgent(long offset, MemorySegment into, Done done) {
        read(offset, into, done);
    }

    /** Reads a range, of the pages or of the manifest; returns why it cannot be read. */
    final @Nullable Throwable failureOf(long offset, MemorySegment into) {
        try {
            if (offset >= layout.manifestOffset()) manifest.get(offset - layout.manifestOffset(), into);
            else readPages(offset, into);
            return null;
        } catch (IOException | LinuxException | StreamException failure) {
            return failure;
        }
    }

    private void readPages(long offset, MemorySegment into) {
        if (into.byteSize() > layout.manifestOffset() - offset) {
            throw new StreamException("a read across the end of the pages");
        }
        for (long done = 0; done < into.byteSize(); ) {
            done += FileCalls.readAt(memfd, into.asSlice(done), offset + done);
        }
    }
}
