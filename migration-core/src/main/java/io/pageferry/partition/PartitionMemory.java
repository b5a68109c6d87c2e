package io.pageferry.partition;

import java.lang.foreign.MemorySegment;

/**
 * The memory of a partition. Data in it is addressed by offset in bytes from 0, never by address: the mapping behind
 * {@link #segment()} changes.
 */
public interface PartitionMemory {
    /**
     * The memory as it is reached now: the partition's page-table pointer. One volatile read; take it at the begin of
     * each operation. A segment taken before the pointer moved still reads and writes the same memory, but
     * take none over from before the program came to rest: its writes may not be tracked.
     */
    MemorySegment segment();

    long sizeBytes();

    /** The size of a page in bytes, 4096. */
    int pageSizeBytes();

    /**
     * Gives whole pages back. They hold nothing and are never copied, until the program writes them again; what they read
     * as until then is not defined.
     *
     * @throws IndexOutOfBoundsException if the range is not within the memory
     * @throws IllegalArgumentException if offset or length is not a multiple of the page size
     */
    void release(long offset, long length);

    /**
     * Has whole pages that were released hold data again: they read as zeroes, whatever they held, and are allocated now
     * instead of at their first write. No thread may touch them meanwhile.
     *
     * @throws IndexOutOfBoundsException if the range is not within the memory
     * @throws IllegalArgumentException if offset or length is not a multiple of the page size
     */
    void map(long offset, long length);

    /**
     * Declares how whole pages will be used. A record for the order of migrations, not a lock: the program may still
     * write a page that it has declared read-only, and the write is seen.
     *
     * @throws IndexOutOfBoundsException if the range is not within the memory
     * @throws IllegalArgumentException if offset or length is not a multiple of the page size
     */
    void protect(long offset, long length, Access access);
}
