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
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings what is missing in the background. Faults come first: after one, runs are short; while it is quiet they double, so
 * that an urgent read never waits behind much.
 */
final class BackgroundFill {
    private static final int MIN_RUN_PAGES = 8;
    private static final int MAX_RUN_PAGES = 256;
    private static final int BUFFERS = 4;
    private static final int MAX_CORRUPT_READS = 10;
    private static final long AFTER_FAILURE_MS = 1000;
    private static final Logger LOG = System.getLogger(BackgroundFill.class.getName());

    private record Fetched(
            PageRange run, MemorySegment buffer, @Nullable Throwable failure) {}

    private final Arrival arrival;
    private final Order order;
    private final RecentFaults faulted;
    private final PagePathIn path;
    private final PageFiller filler;
    private final LongSupplier faults;
    private final Progress progress;
    private final PageSet corrupt;
    private final Throttle throttle;
    private final LongConsumer onCorrupt;
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final BlockingQueue<Fetched> fetched = new ArrayBlockingQueue<>(BUFFERS);
    private final PageSet filled;
    private long lastFaults;
    private int runPages = MIN_RUN_PAGES;

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
        this.faulted = faulted;
        this.path = path;
        this.filler = filler;
        this.faults = faults;
        this.progress = progress;
        this.throttle = throttle;
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
        int corruptReads = 0;
        while (!stopped.get()) {
            PageSet missing = arrival.missing();
            missing.removeAll(corrupt);
            progress.set("remaining", missing.size() * SpaceLayout.PAGE_BYTES);
            if (missing.isEmpty()) {
                if (corrupt.isEmpty()) return true;
                throw new CorruptPageException(corrupt.nextPresent(0));
            }
            try {
                if (!fill(missing)) return false;
            } catch (CorruptPageException found) {
                if (++corruptReads % MAX_CORRUPT_READS == 0) giveUp(found.pageIndex());
            } catch (MigrationFailedException notNow) {
                LOG.log(Level.WARNING, "{0}; filling goes on in a moment", notNow.getMessage());
                Thread.sleep(AFTER_FAILURE_MS);
            }
        }
        return false;
    }

    private void giveUp(long pageIndex) {
        corrupt.add(pageIndex);
        onCorrupt.accept(pageIndex);
    }

    /** Takes an earlier {@link #stop} back. */
    void allow() {
        stopped.set(false);
    }

    /** The pages that this has filled, whether or not somebody has waited for them; to be asked for once {@link #run} is over. */
    PageSet filled() {
        return filled;
    }

    /** Ends {@link #run} soon. */
    void stop() {
        stopped.set(true);
    }

    private boolean fill(PageSet missing) throws InterruptedException {
        try (Arena arena = Arena.ofShared()) {
            Deque<MemorySegment> free = new ArrayDeque<>();
            for (int i = 0; i < BUFFERS; i++) {
                free.add(arena.allocate((long) MAX_RUN_PAGES * SpaceLayout.PAGE_BYTES, SpaceLayout.PAGE_BYTES));
            }
            RuntimeException failure = null;
            boolean goesOn = true;
            PageQueue queue = arrival.ranked(missing, order);
            while (free.size() < BUFFERS || (goesOn && !queue.isEmpty())) {
                goesOn &= !stopped.get();
                boolean wantsMore = goesOn && !queue.isEmpty() && !free.isEmpty();
                boolean isTurn = wantsMore && throttle.isTurn();
                if (isTurn) fetchRun(queue, free.remove());
                if (isTurn || (wantsMore && fetched.isEmpty())) continue;
                Fetched one = fetched.take();
                free.add(one.buffer);
                try {
                    goesOn &= fillOne(one) && !stopped.get();
                } catch (RuntimeException failed) {
                    failure = failed;
                    goesOn = false;
                }
            }
            if (failure != null) throw failure;
            return goesOn;
        }
    }

    private void fetchRun(PageQueue queue, MemorySegment buffer) {
        // Who has touched a page will touch its neighbours.
        if (order != Order.ADDRESS) faulted.drain(queue::putFirst);
        PageRange run = queue.takeRun(adaptedRunPages()).orElseThrow();
        MemorySegment into = buffer.asSlice(0, run.pageCount() * SpaceLayout.PAGE_BYTES);
        throttle.took(into.byteSize());
        long offset = arrival.manifest().layout().pageOffset(run.firstPage());
        path.read(offset, into, failure -> fetched.add(new Fetched(run, buffer, failure)));
    }

    private boolean fillOne(Fetched one) {
        if (one.failure != null) {
            throw new MigrationFailedException("page-in failed: " + one.failure.getMessage(), one.failure);
        }
        MemorySegment content = one.buffer.asSlice(0, one.run.pageCount() * SpaceLayout.PAGE_BYTES);
        long corrupt = ArrivalSource.firstCorrupt(arrival.manifest(), one.run, content);
        if (corrupt >= 0) throw new CorruptPageException(corrupt);
        progress.add("filled-pages", one.run.pageCount());
        filled.add(one.run);
        return filler.fill(one.run, content);
    }

    private int adaptedRunPages() {
        long now = faults.getAsLong();
        runPages = now == lastFaults ? Math.min(2 * runPages, MAX_RUN_PAGES) : MIN_RUN_PAGES;
        lastFaults = now;
        return runPages;
    }
}
