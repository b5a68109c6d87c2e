package io.pageferry.examples.pages;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What the pages hold, so that each can be checked by itself: a version, a mark made of page index and version, then words that
 * follow from the page index alone and do not compress. Of half-zero content, every second run of 64 pages is zeroes.
 */
final class PageContent {
    static final int PAGE_BYTES = 4096;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final int RUN_PAGES = 64;
    private static final long WORDS = PAGE_BYTES / Long.BYTES;

    private final boolean halfZero;

    PageContent(boolean halfZero) {
        this.halfZero = halfZero;
    }

    /** Whether the page holds content; the others stay zeroes, and are never written. */
    boolean isFilled(long pageIndex) {
        return !halfZero || pageIndex / RUN_PAGES % 2 == 0;
    }

    /** The page itself if it holds content, else the one a run before it, which does: every such page as often as any other. */
    long filled(long pageIndex) {
        return isFilled(pageIndex) ? pageIndex : pageIndex - RUN_PAGES;
    }

    /** Writes the first version of every page; zeroes are written too, so that they are no holes. */
    void fill(MemorySegment memory) {
        long pageCount = memory.byteSize() / PAGE_BYTES;
        for (long page = 0; page < pageCount; page++) {
            if (isFilled(page)) fillPage(memory, page);
            else memory.asSlice(page * PAGE_BYTES, PAGE_BYTES).fill((byte) 0);
        }
    }

    private static void fillPage(MemorySegment memory, long page) {
        long at = page * PAGE_BYTES;
        long word = seed(page);
        memory.set(LONG, at, 0);
        memory.set(LONG, at + 8, mark(page, 0));
        for (long i = 2; i < WORDS; i++) {
            word = next(word);
            memory.set(LONG, at + i * Long.BYTES, word);
        }
    }

    /** Raises the version of a page. */
    void write(MemorySegment memory, long page) {
        long at = page * PAGE_BYTES;
        long version = memory.get(LONG, at) + 1;
        memory.set(LONG, at, version);
        memory.set(LONG, at + 8, mark(page, version));
    }

    /** Reads a page; returns whether its mark is right. */
    boolean read(MemorySegment memory, long page) {
        long at = page * PAGE_BYTES;
        long version = memory.get(LONG, at);
        return memory.get(LONG, at + 8) == (isFilled(page) ? mark(page, version) : 0);
    }

    /** The sum of all versions: how many writes there were in all; -1 if any page does not hold what it should. */
    long verify(MemorySegment memory) {
        long pageCount = memory.byteSize() / PAGE_BYTES;
        long writes = 0;
        for (long page = 0; page < pageCount; page++) {
            if (!isRight(memory, page)) return -1;
            writes += memory.get(LONG, page * PAGE_BYTES);
        }
        return writes;
    }

    private boolean isRight(MemorySegment memory, long page) {
        if (!read(memory, page)) return false;
        long at = page * PAGE_BYTES;
        long word = isFilled(page) ? seed(page) : 0;
        for (long i = 2; i < WORDS; i++) {
            word = isFilled(page) ? next(word) : 0;
            if (memory.get(LONG, at + i * Long.BYTES) != word) return false;
        }
        return true;
    }

    private static long seed(long page) {
        return (page + 1) * 0x9E3779B97F4A7C15L | 1;
    }

    private static long mark(long page, long version) {
        return (page << 32 ^ version) * 0xD1342543DE82EF95L + 1;
    }

    // xorshift64 (Marsaglia 2003): as good as random for a compressor, and a word in a nanosecond.
    private static long next(long word) {
        long next = word ^ word << 13;
        next ^= next >>> 7;
        return next ^ next << 17;
    }
}
