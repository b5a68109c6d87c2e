package io.pageferry.examples.kv.store;

import io.pageferry.partition.Access;
import io.pageferry.partition.PartitionMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Partition memory as the store reads and writes it: little-endian words at byte offsets. The partition's pointer is
 * read once an operation, by {@link #refresh()}.
 */
final class StoreMemory {
    static final int PAGE_BYTES = 4096;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final PartitionMemory partition;
    private MemorySegment segment;

    StoreMemory(PartitionMemory partition) {
        this.partition = partition;
        this.segment = partition.segment();
    }

    /** Takes the partition's pointer anew: at the begin of each operation. */
    void refresh() {
        segment = partition.segment();
    }

    long sizeBytes() {
        return partition.sizeBytes();
    }

    long getLong(long offset) {
        return segment.get(LONG, offset);
    }

    void putLong(long offset, long value) {
        segment.set(LONG, offset, value);
    }

    int getInt(long offset) {
        return segment.get(INT, offset);
    }

    void putInt(long offset, int value) {
        segment.set(INT, offset, value);
    }

    byte getByte(long offset) {
        return segment.get(ValueLayout.JAVA_BYTE, offset);
    }

    void read(long offset, byte[] to, int at, int lengthBytes) {
        MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, offset, to, at, lengthBytes);
    }

    void write(long offset, byte[] from, int at, int lengthBytes) {
        MemorySegment.copy(from, at, segment, ValueLayout.JAVA_BYTE, offset, lengthBytes);
    }

    void move(long from, long to, long lengthBytes) {
        MemorySegment.copy(segment, from, segment, to, lengthBytes);
    }

    void fill(long offset, long lengthBytes, int value) {
        segment.asSlice(offset, lengthBytes).fill((byte) value);
    }

    boolean equal(long offset, byte[] bytes, int at, int lengthBytes) {
        for (int i = 0; i < lengthBytes; i++) {
            if (segment.get(ValueLayout.JAVA_BYTE, offset + i) != bytes[at + i]) return false;
        }
        return true;
    }

    void release(int firstPage, int pageCount) {
        partition.release((long) firstPage * PAGE_BYTES, (long) pageCount * PAGE_BYTES);
    }

    void protect(int firstPage, int pageCount, Access access) {
        partition.protect((long) firstPage * PAGE_BYTES, (long) pageCount * PAGE_BYTES, access);
    }
}
