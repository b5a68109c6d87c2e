package io.pageferry.stream;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.LinuxException;
import io.pageferry.manifest.SpaceLayout;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What came by streams, read as a space is: pages are where they belong already, so the reader gets a look at them.
 *
 * @param memfd the waiting program's memory
 */
record ReceivedPages(SpaceLayout layout, Descriptor memfd, ManifestFile manifest) {
    /** Reads a range, of the pages or of the manifest; returns why it cannot be read. */
    @Nullable
    Throwable read(long offset, MemorySegment into) {
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
