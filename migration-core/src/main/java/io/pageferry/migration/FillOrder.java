package io.pageferry.migration;

import io.pageferry.heat.Order;
import io.pageferry.heat.PageQueue;
import io.pageferry.page.PageRange;
import java.util.function.LongSupplier;

/**
 * What the background fetches next: the neighbours of a fault, then by rank. After a fault runs are short; while it is quiet
 * they double, so that an urgent read never waits behind much. For one thread.
 */
final class FillOrder {
    static final int MIN_RUN_PAGES = 32;
    /** What is here already lies scattered; reading it again costs less than another request. */
    private static final int MAX_GAP_PAGES = 4;
    /** Many short reads rather than few long ones: hot pages come one by one, and each is a way there and back. */
    static final int MAX_RUN_PAGES = 64;

    private final Order order;
    private final RecentFaults faulted;
    private final LongSupplier faults;
    private long lastFaults;
    private int runPages = MIN_RUN_PAGES;

    /**
     * @param order by address alone, faults change nothing
     * @param faults how many faults there have been
     */
    FillOrder(Order order, RecentFaults faulted, LongSupplier faults) {
        this.order = order;
        this.faulted = faulted;
        this.faults = faults;
    }

    /** Takes the next run from a queue that is not empty; not all of its pages were in the queue. */
    PageRange next(PageQueue queue) {
        // Who has touched a page will touch its neighbours.
        if (order != Order.ADDRESS) faulted.drain(queue::putFirst);
        return queue.takeRun(adaptedRunPages(), MAX_GAP_PAGES).orElseThrow();
    }

    private int adaptedRunPages() {
        long now = faults.getAsLong();
        runPages = now == lastFaults ? Math.min(2 * runPages, MAX_RUN_PAGES) : MIN_RUN_PAGES;
        lastFaults = now;
        return runPages;
    }
}
