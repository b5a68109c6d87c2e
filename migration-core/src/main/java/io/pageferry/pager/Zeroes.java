package io.pageferry.pager;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A few native pages of zeroes, shared by all. */
final class Zeroes {
    static final long PAGES = 16;

    private static final MemorySegment SEGMENT = Arena.global()
            .allocate(PAGES << TrackedMemory.PAGE_SHIFT, 1L << TrackedMemory.PAGE_SHIFT)
            .asReadOnly();

    private Zeroes() {}

    static MemorySegment segment(long pageCount) {
        return SEGMENT.asSlice(0, pageCount << TrackedMemory.PAGE_SHIFT);
    }
}
