package io.pageferry.examples.kv.store;

/**
 * The free pages that still hold what they held: a bit a page. They are given back to the partition later and in runs,
 * so that a page that is used again soon costs no system call and no fault.
 *
 * <p>Invariant: a page is released only while its bit is set, and the bit of a page is set only while the page is in
 * a free run; so no page that holds data is ever released.
 */
final class StalePages {
    private final StoreMemory memory;
    private final StoreHeader header;
    private final Layout layout;

    StalePages(StoreMemory memory, StoreHeader header, Layout layout) {
        this.memory = memory;
        this.header = header;
        this.layout = layout;
    }

    /** A run became free. */
    void add(int firstPage, int pageCount) {
        header.addStalePages(change(firstPage, pageCount, true));
    }

    /** A run is used again. */
    void remove(int firstPage, int pageCount) {
        if (header.stalePages() > 0) header.addStalePages(-change(firstPage, pageCount, false));
    }

    /**
     * Gives stale pages back, whole runs first found first.
     *
     * @param maxPages the most pages to give back in this portion
     * @return how many pages were given back
     */
    int release(int maxPages) {
        int released = 0;
        int page = layout.firstDataPage();
        while (released < maxPages && header.stalePages() > 0) {
            page = nextStale(page);
            if (page < 0) throw new IllegalStateException("stale pages are counted that no bit marks");
            int count = runLength(page, maxPages - released);
            remove(page, count);
            memory.release(page, count);
            released += count;
            page += count;
        }
        return released;
    }

    private int nextStale(int from) {
        int words = (layout.pageCount() + 63) / 64;
        long bits = word(from / 64) & (-1L << from);
        for (int w = from / 64; ; bits = word(w)) {
            if (bits != 0) return w * 64 + Long.numberOfTrailingZeros(bits);
            if (++w == words) return -1;
        }
    }

    private int runLength(int page, int maxPages) {
        int count = 1;
        while (count < maxPages && page + count < layout.pageCount() && isStale(page + count)) count++;
        return count;
    }

    boolean isStale(int page) {
        return ((word(page / 64) >>> page) & 1) != 0;
    }

    /** Sets or clears the bits of a run; how many changed. */
    private int change(int firstPage, int pageCount, boolean stale) {
        int changed = 0;
        int end = firstPage + pageCount;
        for (int page = firstPage; page < end; ) {
            int inWord = Math.min(64 - page % 64, end - page);
            long mask = (inWord == 64 ? -1L : (1L << inWord) - 1) << page;
            long before = word(page / 64);
            long after = stale ? (before | mask) : (before & ~mask);
            if (after != before) memory.putLong(at(page / 64), after);
            changed += Long.bitCount(after ^ before);
            page += inWord;
        }
        return changed;
    }

    private long word(int index) {
        return memory.getLong(at(index));
    }

    private long at(int word) {
        return layout.staleBitmap() + (long) word * Long.BYTES;
    }
}
