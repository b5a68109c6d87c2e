package io.pageferry.testing;

import io.pageferry.manifest.Checksums;
import io.pageferry.manifest.Manifest;
import io.pageferry.manifest.PageState;
import io.pageferry.manifest.SpaceLayout;
import io.pageferry.path.PagePathIn;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A paging space in memory that holds a partition, and the way in, by the thread that reads. */
public final class SpaceInMemory implements PagePathIn {
    private final MemorySegment space;

    /** Holds these pages as data of a partition, none of them used so far. */
    public SpaceInMemory(String partition, MemorySegment pages) {
        long pageCount = pages.byteSize() / SpaceLayout.PAGE_BYTES;
        space = Arena.ofAuto().allocate(SpaceLayout.sizeBytes(pageCount), SpaceLayout.PAGE_BYTES);
        MemorySegment.copy(pages, 0, space, 0, pages.byteSize());
        try (Manifest manifest = new Manifest(new SpaceLayout(pageCount))) {
            for (long page = 0; page < pageCount; page++) {
                MemorySegment content = space.asSlice(page * SpaceLayout.PAGE_BYTES, SpaceLayout.PAGE_BYTES);
                manifest.setState(page, PageState.DATA, false);
                manifest.setChecksum(page, Checksums.crc32c(content));
            }
            manifest.seal(partition, 1, new byte[0]);
            long offset = manifest.layout().manifestOffset();
            MemorySegment.copy(
                    manifest.bytes(), 0, space, offset, manifest.layout().manifestBytes());
        }
    }

    /** Changes a page, so that it does not match its checksum any more. */
    public void spoil(long page) {
        long at = page * SpaceLayout.PAGE_BYTES;
        space.set(ValueLayout.JAVA_BYTE, at, (byte) ~space.get(ValueLayout.JAVA_BYTE, at));
    }

    @Override
    public void read(long offset, MemorySegment into, Done done) {
        MemorySegment.copy(space, offset, into, 0, into.byteSize());
        done.done(null);
    }

    @Override
    public void readUrgent(long offset, MemorySegment into, Done done) {
        read(offset, into, done);
    }

    @Override
    public void changed(Changed visitor) {
        // It is as it was.
    }

    @Override
    public void close() {
        // It is memory.
    }
}
