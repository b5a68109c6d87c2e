package io.pageferry.pager;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Content by which a page is known: every word tells the page and the seed, so half a page or another's is seen. */
final class PagePattern {
    static final long PAGE = 4096;

    private PagePattern() {}

    private static long word(long seed, long pageIndex) {
        long mixed = (seed ^ pageIndex * 0x9E3779B97F4A7C15L) * 0xBF58476D1CE4E5B9L;
        return mixed | 1; // never zero
    }

    static void fill(MemorySegment pages, long firstPage, long seed) {
        for (long offset = 0; offset < pages.byteSize(); offset += Long.BYTES) {
            pages.set(ValueLayout.JAVA_LONG, offset, word(seed, firstPage + offset / PAGE));
        }
    }

    /** Reads the whole page; tells whether all of it is what it should be. */
    static boolean holds(MemorySegment memory, long pageIndex, long seed) {
        long expected = word(seed, pageIndex);
        for (long offset = 0; offset < PAGE; offset += Long.BYTES) {
            if (memory.get(ValueLayout.JAVA_LONG, pageIndex * PAGE + offset) != expected) return false;
        }
        return true;
    }
}
