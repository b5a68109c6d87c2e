package io.pageferry.nbd.client;

import java.lang.foreign.MemorySegment;

/** Where the pages of a transfer are in memory. */
@FunctionalInterface
public interface PageMemory {
    /** The memory of a run of pages: as long as the run, native, alive until the run is over. */
    MemorySegment ofRun(long firstPage, long pageCount);

    /** Memory that holds page 0 at its beginning and all others behind it, as a partition's memory does. */
    static PageMemory whole(MemorySegment memory, int pageSizeBytes) {
        return (firstPage, pageCount) -> memory.asSlice(firstPage * pageSizeBytes, pageCount * pageSizeBytes);
    }
}
