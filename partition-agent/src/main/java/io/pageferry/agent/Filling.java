package io.pageferry.agent;

import io.pageferry.attach.AttachLostException;
import io.pageferry.migration.CorruptPageException;
import io.pageferry.migration.Progress;
import io.pageferry.migration.TargetMigration;
import io.pageferry.migration.Timeline;
import io.pageferry.pager.PageTableSwitch;
import io.pageferry.process.Background;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/**
 * What of a running partition is still in its space: served to whoever touches it, brought in the background, and then done
 * with by the switch to the first page table.
 *
 * <p>Invariant: as long as a page may be missing, the page path is open and faults are served.
 */
final class Filling implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Filling.class.getName());

    private static final long PAUSE_MS = 5;
    private static final long AFTER_FAILURE_MS = 500;

    private final HostedPartition hosted;
    private final TargetMigration.Arrived arrived;
    private final PageTableSwitch.Pace sweepPace;
    private final Progress progress;
    private final Timeline timeline;
    private final ArrivalTurns turns;
    private final CompletableFuture<Boolean> outcome = new CompletableFuture<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private boolean isClosed;

    /**
     * @param arrived is closed with this, and its page path
     * @param sweepPace how the old page table is swept once everything is here
     */
    Filling(
            HostedPartition hosted,
            TargetMigration.Arrived arrived,
            PageTableSwitch.Pace sweepPace,
            Progress progress,
            Timeline timeline) {
        this.hosted = hosted;
        this.arrived = arrived;
        this.sweepPace = sweepPace;
        this.progress = progress;
        this.timeline = timeline;
        this.turns = hosted.turns();
    }

    TargetMigration.Arrived arrived() {
        return arrived;
    }

    Progress progress() {
        return progress;
    }

    Timeline timeline() {
        return timeline;
    }

    /** How {@link #run} ends: as {@link #complete} does. */
    CompletableFuture<Boolean> outcome() {
        return outcome.copy();
    }

    /** Waits until {@link #run} has ended. */
    void awaitEnd() throws InterruptedException {
        ended.await();
    }

    /** Brings everything, and ends the service once nothing can be missing any more. */
    void run() throws InterruptedException {
        try (this) {
            bringOrServe();
        } finally {
            outcome.complete(false);
            ended.countDown();
        }
    }

    private void bringOrServe() throws InterruptedException {
        try {
            outcome.complete(complete());
        } catch (CorruptPageException corrupt) {
            outcome.completeExceptionally(corrupt);
            // Pages that the program has given back are still asked for, and a migration out goes by this manifest.
            turns.awaitOver();
        }
    }

    /**
     * Brings everything and switches tables, taking turns with migrations out.
     *
     * <p>Invariant: while the program lives and has the partition, a failure ends neither this nor the service of faults: with the
     * pointer at the migration table, a touch of a hole waits for an answer.
     *
     * @return whether everything is here; false if the partition moved on first, or its program has gone
     * @throws CorruptPageException if some pages cannot be had; all others are here
     */
    private boolean complete() throws InterruptedException {
        while (turns.beginFilling(arrived::allowFilling)) {
            long pauseMs = PAUSE_MS;
            try {
                if (bringAll()) {
                    hosted.setFilling(Optional.empty());
                    return true;
                }
                // Stopped for a migration out, or the program is about to be seen as gone.
            } catch (AttachLostException gone) {
                LOG.log(Level.INFO, "partition {0}: its program has gone while it arrived", hosted.name());
                return false;
            } catch (CorruptPageException lost) {
                throw lost;
            } catch (RuntimeException notNow) {
                LOG.log(Level.WARNING, hosted.name() + ": its page tables are not switched yet", notNow);
                progress.add("switch-failures", 1);
                pauseMs = AFTER_FAILURE_MS;
            } finally {
                turns.endFilling();
            }
            Thread.sleep(pauseMs);
        }
        return false;
    }

    // Filling has the weight of any work, since the program waits for what has not come: with less, on a busy host, it
    // took two to five times as many faults. For the switch nobody waits.
    private boolean bringAll() throws InterruptedException {
        if (!arrived.fill()) return false;
        if (arrived.endIfWhole()) return true;
        try (var _ = Background.begin()) {
            switchTables();
        }
        return true;
    }

    private void switchTables() throws InterruptedException {
        timeline.mark("switch");
        PageTableSwitch.Report switched;
        arrived.expectRecorded();
        try {
            switched = new PageTableSwitch(hosted.attached(), sweepPace)
                    .run(arrived.arrival().zeroes());
        } finally {
            arrived.takeUpRecorded();
        }
        progress.set("populate-us", switched.populateNs() / 1000);
        progress.set("switch-us", switched.switchNs() / 1000);
        progress.set("swept-entries", switched.swept());
        timeline.mark("swept");
    }

    /** Ends the service of faults; where pages are missing still, threads on them wait for the next one. */
    @Override
    public synchronized void close() {
        if (isClosed) return;
        isClosed = true;
        arrived.closeAll();
    }
}
