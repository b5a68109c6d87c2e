package io.pageferry.examples.kv.store;

import io.pageferry.partition.Access;
import io.pageferry.partition.PartitionMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.zip.CRC32C;

/**
 * Partition memory for tests. What is released is overwritten, since nobody may rely on what it reads as; the pointer
 * moves to another segment over the same memory at each {@link #movePointer}.
 */
public final class PoisoningMemory implements PartitionMemory {
    private static final int PAGE_BYTES = 4096;
    private static final byte POISON = (byte) 0xdb;

    private final MemorySegment memory;
    private volatile MemorySegment pointer;
    private final BitSet readOnly = new BitSet();
    private long releasedPages;
    private long releaseCalls;

    public PoisoningMemory(long sizeBytes) {
        this(Arena.ofAuto().allocate(sizeBytes, PAGE_BYTES));
    }

    /** Partition memory that is here. */
    PoisoningMemory(MemorySegment memory) {
        this.memory = memory;
        pointer = memory.asSlice(0);
    }

    @Override
    public MemorySegment segment() {
        return pointer;
    }

    @Override
    public long sizeBytes() {
        return memory.byteSize();
    }

    @Override
    public int pageSizeBytes() {
        return PAGE_BYTES;
    }

    @Override
    public void release(long offset, long length) {
        checkPages(offset, length);
        memory.asSlice(offset, length).fill(POISON);
        releasedPages += length / PAGE_BYTES;
        releaseCalls++;
    }

    @Override
    public void map(long offset, long length) {
        checkPages(offset, length);
        memory.asSlice(offset, length).fill((byte) 0);
    }

    @Override
    public void protect(long offset, long length, Access access) {
        checkPages(offset, length);
        readOnly.set((int) (offset / PAGE_BYTES), (int) ((offset + length) / PAGE_BYTES), access == Access.READ_ONLY);
    }

    private static void checkPages(long offset, long length) {
        if (offset % PAGE_BYTES != 0 || length % PAGE_BYTES != 0 || length == 0) {
            throw new IllegalArgumentException("not whole pages: " + offset + ", " + length);
        }
    }

    /** Moves the pointer, as the end of an arrival does. */
    public void movePointer() {
        pointer = memory.asSlice(0);
    }

    /** The same bytes at another place, as after a migration. */
    public PoisoningMemory copy() {
        PoisoningMemory copy = new PoisoningMemory(sizeBytes());
        copy.memory.copyFrom(memory);
        return copy;
    }

    public long checksum() {
        CRC32C crc = new CRC32C();
        crc.update(memory.asByteBuffer());
        return crc.getValue();
    }

    public long releasedPages() {
        return releasedPages;
    }

    public long releaseCalls() {
        return releaseCalls;
    }

    public int readOnlyPages() {
        return readOnly.cardinality();
    }
}
