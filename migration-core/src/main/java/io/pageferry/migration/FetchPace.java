package io.pageferry.migration;

import java.util.function.BooleanSupplier;

/** How fast pages have come in this arrival so far, and what can soon be had at that pace. For one thread. */
final class FetchPace {
    /** So long a program may stand still until what it lacks is here. */
    static final long SOON_NS = 50_000_000;

    private long pages;
    private long tookNs;

    /** Notes pages that have come, and how long that took. */
    void came(long pageCount, long durationNs) {
        if (pageCount == 0) return;
        pages += pageCount;
        tookNs += durationNs;
    }

    /** Whether so many more come within 50 ms at this pace; not as long as none have come. */
    boolean bringsSoon(long pageCount) {
        return pages > 0 && (double) pageCount * tookNs / pages <= SOON_NS;
    }

    /** Becomes true once it has taken twice as long as was thought, from now on. */
    static BooleanSupplier notSoon() {
        long endNs = System.nanoTime() + 2 * SOON_NS;
        return () -> System.nanoTime() > endNs;
    }
}
