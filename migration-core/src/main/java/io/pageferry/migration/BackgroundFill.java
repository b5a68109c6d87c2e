package io.pageferry.migration;

import io.pageferry.heat.Order;
import io.pageferry.heat.PageQueue;
import io.pageferry.manifest.SpaceLayout;
import io.pageferry.page.PageRange;
import io.pageferry.page.PageSet;
import io.pageferry.pager.PageFiller;
import io.pageferry.path.PagePathIn;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/** Brings what is missing in the background, in the order that {@link FillOrder} says. */
final class BackgroundFill {
    private static final int MAX_CORRUPT_READS = 10;
    private static final long BETWEEN_CORRUPT_READS_MS = 500;
    private static final long AFTER_FAILURE_MS = 1000;
    private static final Logger LOG = System.getLogger(BackgroundFill.class.getName());

    private final Arrival arrival;
    private final Order order;
    private final FillOrder fillOrder;
    private final PageFiller filler;
    private final Progress progress;
    private final PageSet corrupt;
    /** Pages that did not match, and how often: they are read again once all others are here. */
    private final Map<Long, Integer> corruptReads = new HashMap<>();

    private final LongConsumer onCorrupt;
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final FillPipeline pipeline;
    private final PageSet filled;

    /**
     * @param faults how many faults there have been
     * @param onCorrupt is told of each page that cannot be had, and makes it one that fails whoever touches it
     */
    BackgroundFill(
            Arrival arrival,
            Order order,
            RecentFaults faulted,
            PagePathIn path,
            PageFiller filler,
            LongSupplier faults,
            Progress progress,
            Throttle throttle,
            LongConsumer onCorrupt) {
        this.arrival = arrival;
        this.filled = new PageSet(arrival.manifest().layout().pageCount());
        this.order = order;
        this.fillOrder = new FillOrder(order, faulted, faults);
        this.filler = filler;
        this.progress = progress;
        this.pipeline = new FillPipeline(path, throttle, FillOrder.MAX_RUN_PAGES, stopped::get);
        this.onCorrupt = onCorrupt;
        this.corrupt = new PageSet(arrival.manifest().layout().pageCount());
    }

    /**
     * Fills until nothing is missing; returns false if it was stopped before, or the program has gone. A page path that fails
     * is tried again for as long as it takes: nobody else has these pages.
     *
     * @throws CorruptPageException once all that can be had is here, if some pages cannot
     */
    boolean run() throws InterruptedException {
        progress.set("total", arrival.manifest().layout().pageCount() * SpaceLayout.PAGE_BYTES);
        PageSet later = new PageSet(corrupt.pageCount());
        while (!stopped.get()) {
            PageSet missing = arrival.missing();
            missing.removeAll(corrupt);
            noteRemaining(missing);
            if (missing.isEmpty()) {
                if (corrupt.isEmpty()) return true;
                throw new CorruptPageException(corrupt.nextPresent(0));
            }
            missing.removeAll(later);
            try {
                if (missing.isEmpty()) {
                    Thread.sleep(BETWEEN_CORRUPT_READS_MS);
                    later.clear();
                } else if (!fill(missing)) {
                    return false;
                }
            } catch (CorruptPageException found) {
                later.add(found.pageIndex());
                noteCorrupt(found.pageIndex());
            } catch (MigrationFailedException notNow) {
                LOG.log(Level.WARNING, "{0}; filling goes on in a moment", notNow.getMessage());
                Thread.sleep(AFTER_FAILURE_MS);
            }
        }
        return false;
    }

    /** Invariant: a page is given up only once it, and no other, has been read so often and did not match. */
    private void noteCorrupt(long pageIndex) {
        if (corruptReads.merge(pageIndex, 1, Integer::sum) < MAX_CORRUPT_READS) return;
        corrupt.add(pageIndex);
        onCorrupt.accept(pageIndex);
    }

    private void noteRemaining(PageSet missing) {
        progress.set("remaining", missing.size() * SpaceLayout.PAGE_BYTES);
    }

    /** Takes an earlier {@link #stop} back. */
    void allow() {
        stopped.set(false);
    }

    /** The pages that this has put in place, and no thread's fault before it; to be asked for once {@link #run} is over. */
    PageSet filled() {
        return filled;
    }

    /** Ends {@link #run} soon. */
    void stop() {
        stopped.set(true);
    }

    private boolean fill(PageSet missing) throws InterruptedException {
        PageQueue queue = arrival.ranked(missing, order);
        return pipeline.pump(queue, fillOrder::next, (run, content) -> fillMissing(missing, run, content));
    }

    /** Fills those pages of a run that are missing, and notes that they are not any more: what is in its gaps may have come already. */
    private boolean fillMissing(PageSet missing, PageRange run, MemorySegment content) {
        for (long first = missing.nextPresent(run.firstPage()); first < run.end(); ) {
            long end = Math.min(missing.nextAbsent(first), run.end());
            long at = (first - run.firstPage()) * SpaceLayout.PAGE_BYTES;
            MemorySegment part = content.asSlice(at, (end - first) * SpaceLayout.PAGE_BYTES);
            if (!fillOne(PageRange.between(first, end), part)) return false;
            missing.removeRange(first, end - first);
            first = missing.nextPresent(end);
        }
        noteRemaining(missing);
        return true;
    }

    private boolean fillOne(PageRange run, MemorySegment content) {
        long corrupt = ArrivalSource.firstCorrupt(arrival.manifest(), run, content);
        if (corrupt >= 0) throw new CorruptPageException(corrupt);
        progress.add("filled-pages", run.pageCount());
        return filler.fill(run, content, filled::addRange);
    }
}
