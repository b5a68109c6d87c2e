package io.pageferry.partition;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Content that tells page and seed in every word, so that zeroes, half a page and another page's content are seen. */
final class PatternPages {
    static final int PAGE = 4096;

    private PatternPages() {}

    static long word(long seed, long pageIndex) {
        return (seed ^ pageIndex * 0x9E3779B97F4A7C15L) * 0xBF58476D1CE4E5B9L | 1;
    }

    static void fill(MemorySegment into, long firstPage, long pageCount, long seed) {
        for (long page = 0; page < pageCount; page++) {
            long word = word(seed, firstPage + page);
            for (long at = 0; at < PAGE; at += Long.BYTES) into.set(ValueLayout.JAVA_LONG, page * PAGE + at, word);
        }
    }

    /** Reads a whole page; true if every word of it is right. */
    static boolean holds(MemorySegment memory, long pageIndex, long seed) {
        long word = word(seed, pageIndex);
        long different = 0;
        for (long at = 0; at < PAGE; at += Long.BYTES) {
            different |= memory.get(ValueLayout.JAVA_LONG, pageIndex * PAGE + at) ^ word;
        }
        return different == 0;
    }
}
