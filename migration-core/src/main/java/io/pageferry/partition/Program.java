package io.pageferry.partition;

/**
 * A program whose data lives in partition memory. All three methods are called on the partition's control thread, one
 * at a time; none of them may wait for another.
 */
public interface Program {
    /**
     * Starts, or goes on. From now on the program's threads may touch the memory.
     *
     * @param memory the partition's memory; its {@link PartitionMemory#segment()} is read anew for each operation
     * @param state what {@link #quiesce} returned where the partition ran last; empty at the very first start
     */
    void resume(PartitionMemory memory, byte[] state) throws Exception;

    /**
     * Comes to rest: returns once no thread of the program will touch the memory until {@link #resume}.
     *
     * @return the execution state, at most {@value Partition#MAX_STATE_BYTES} bytes; {@code resume} gets it, here or elsewhere
     */
    byte[] quiesce() throws Exception;

    /** The partition runs elsewhere now: the memory here is of no more use, and the program may end. */
    void departed();
}
