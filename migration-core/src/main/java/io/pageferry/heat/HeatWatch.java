package io.pageferry.heat;

import io.pageferry.page.PageSet;
import io.pageferry.pager.AccessSampler;
import io.pageferry.pager.EntryDropper;
import io.pageferry.pager.WriteTracker;
import io.pageferry.pager.WrittenPages;
import java.util.Optional;

/**
 * Refines a partition's heat while it migrates: looks at short intervals which pages were written. Where nothing is known of
 * reads, it has the page-table entries dropped once and takes a page for the hotter the sooner its entry is there again.
 *
 * <p>Used by the thread that sends the pages.
 */
public final class HeatWatch implements AutoCloseable {
    private static final long MIN_INTERVAL_NS = 20_000_000;
    /** Where nothing is written, the next look is after twice the time. */
    private static final long MAX_INTERVAL_NS = 500_000_000;
    /** Looking may take a twenty-fifth of the time at the most. */
    private static final long COST_FACTOR = 25;

    private static final long HOT_NS = 100_000_000;
    private static final long WARM_NS = 500_000_000;

    private final PartitionHeat heat;
    private final AccessSampler sampler;
    private final WrittenPages written;
    private final PageSet touched;
    private final boolean watchesReads;
    private final long startNs = System.nanoTime();
    private long intervalNs = MIN_INTERVAL_NS;
    private long nextNs = startNs + MIN_INTERVAL_NS;
    private boolean closed;

    HeatWatch(
            PartitionHeat heat,
            boolean watchesReads,
            WriteTracker tracker,
            AccessSampler sampler,
            EntryDropper dropper) {
        this.heat = heat;
        this.sampler = sampler;
        this.touched = new PageSet(heat.map().pageCount());
        this.watchesReads = watchesReads;
        if (watchesReads) sampler.start(dropper);
        this.written = open(tracker);
    }

    private WrittenPages open(WriteTracker tracker) {
        try {
            return tracker.open();
        } catch (RuntimeException failure) {
            sampler.abandon();
            throw failure;
        }
    }

    public PartitionHeat heat() {
        return heat;
    }

    /**
     * Looks which pages were written since the last look, and which are used for the first time where reads are watched, if it is
     * time to; the map knows of them then.
     */
    public Optional<PageSet> look() {
        long beginNs = System.nanoTime();
        if (beginNs < nextNs) return Optional.empty();
        PageSet seen = written.take();
        heat.map().written(seen);
        if (watchesReads) seen.addAll(lookAtReads(beginNs - startNs));
        intervalNs = seen.isEmpty() ? Math.min(2 * intervalNs, MAX_INTERVAL_NS) : MIN_INTERVAL_NS;
        long endNs = System.nanoTime();
        nextNs = endNs + Math.max(intervalNs, COST_FACTOR * (endNs - beginNs));
        return Optional.of(seen);
    }

    private PageSet lookAtReads(long sinceStartNs) {
        PageSet fresh = sampler.touched();
        fresh.removeAll(touched);
        touched.addAll(fresh);
        int raises = sinceStartNs < HOT_NS ? 4 : sinceStartNs < WARM_NS ? 2 : 1;
        for (int i = 0; i < raises; i++) heat.map().used(fresh);
        return fresh;
    }

    /** Ends watching; idle sampling may begin again. */
    @Override
    public void close() {
        if (closed) return;
        closed = true;
        written.close();
        sampler.abandon();
        heat.endMigration();
    }
}
