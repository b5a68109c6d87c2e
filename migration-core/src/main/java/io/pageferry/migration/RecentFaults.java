package io.pageferry.migration;

import io.pageferry.page.PageRange;
import io.pageferry.page.PageSet;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.Consumer;

/**
 * The pages that threads have waited for, from who serves faults to who fills in the background. Thread-safe. What was lately is
 * bounded: what nobody drains is forgotten, since it is a hint.
 */
final class RecentFaults {
    private static final int CAPACITY = 256;
    /** The aligned block of pages around a fault that comes next. */
    private static final int NEIGHBOURS = 32;

    private final Queue<PageRange> faults = new ArrayBlockingQueue<>(CAPACITY);
    private final PageSet everFaulted;

    RecentFaults(long pageCount) {
        this.everFaulted = new PageSet(pageCount);
    }

    void add(PageRange pages) {
        synchronized (everFaulted) {
            everFaulted.add(pages);
        }
        var _ = faults.offer(pages);
    }

    /** All pages that a thread has ever waited for. */
    PageSet everFaulted() {
        synchronized (everFaulted) {
            return everFaulted.copy();
        }
    }

    /** Takes the neighbourhood of each. */
    void drain(Consumer<PageRange> taker) {
        for (PageRange fault = faults.poll(); fault != null; fault = faults.poll()) {
            long first = fault.firstPage() / NEIGHBOURS * NEIGHBOURS;
            taker.accept(PageRange.between(first, Math.max(first + NEIGHBOURS, fault.end())));
        }
    }
}
