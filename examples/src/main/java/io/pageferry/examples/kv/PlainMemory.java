package io.pageferry.examples.kv;

import io.pageferry.partition.Access;
import io.pageferry.partition.PartitionMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory of this process alone, for a store without an agent. What is released stays allocated. */
final class PlainMemory implements PartitionMemory {
    private static final int PAGE_BYTES = 4096;

    private final MemorySegment segment;

    PlainMemory(long sizeBytes) {
        segment = Arena.global().allocate(sizeBytes, PAGE_BYTES);
    }

    @Override
    public MemorySegment segment() {
        return segment;
    }

    @Override
    public long sizeBytes() {
        return segment.byteSize();
    }

    @Override
    public int pageSizeBytes() {
        return PAGE_BYTES;
    }

    @Override
    public void release(long offset, long length) {
        // There is nobody to give pages to.
    }

    @Override
    public void map(long offset, long length) {
        segment.asSlice(offset, length).fill((byte) 0);
    }

    @Override
    public void protect(long offset, long length, Access access) {
        // There is no migration whose order this would change.
    }
}
