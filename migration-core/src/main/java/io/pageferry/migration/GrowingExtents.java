package io.pageferry.migration;

import io.pageferry.pager.WaitingMemory;

/**
 * When each extent last got content. The source sends neighbours one after the other, so an extent that has just got some of its
 * pages is likely to have all of them in a moment, and can then come in as one huge page.
 */
final class GrowingExtents {
    /** Longer than it takes to send an extent, by any path worth the name. */
    private static final long GROWS_FOR_NS = 20_000_000;

    private final long pageCount;
    private final long[] grownNs;

    GrowingExtents(long pageCount) {
        this.pageCount = pageCount;
        this.grownNs = new long[Math.toIntExact(pageCount / WaitingMemory.EXTENT_PAGES + 1)];
    }

    /** The page after the extent with this one. */
    long end(long pageIndex) {
        return Math.min(pageCount, (pageIndex / WaitingMemory.EXTENT_PAGES + 1) * WaitingMemory.EXTENT_PAGES);
    }

    void grown(long firstPage, long endPage, long nowNs) {
        for (long page = firstPage; page < endPage; page = end(page)) grownNs[extent(page)] = nowNs;
    }

    boolean isGrowing(long pageIndex, long nowNs) {
        long grown = grownNs[extent(pageIndex)];
        return grown != 0 && nowNs - grown < GROWS_FOR_NS;
    }

    private static int extent(long pageIndex) {
        return (int) (pageIndex / WaitingMemory.EXTENT_PAGES);
    }
}
