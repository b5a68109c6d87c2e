package io.pageferry.migration;

import io.pageferry.attach.AttachLostException;
import io.pageferry.attach.AttachedPartition;
import io.pageferry.attach.ProgramFailedException;
import io.pageferry.heat.HeatWatch;
import io.pageferry.heat.PageQueue;
import io.pageferry.heat.PartitionHeat;
import io.pageferry.linux.Mapping;
import io.pageferry.manifest.Manifest;
import io.pageferry.manifest.SpaceLayout;
import io.pageferry.page.PageSet;
import io.pageferry.pager.WriteTracker;
import io.pageferry.pager.WrittenPages;
import io.pageferry.path.PagePathOut;
import io.pageferry.process.Background;
import io.pageferry.process.Foreground;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.util.function.Supplier;

/**
 * The source's side of a migration: pages out while the program runs, then the switchover. A suspend is the same, with no
 * target behind the commit.
 *
 * <p>Until the commit every failure and every cancel end with the program running here as if nothing had been.
 */
public final class SourceMigration {
    /** What a migration out needs to know. */
    public record Request(
            AttachedPartition partition,
            PartitionHeat heat,
            Manifest manifest,
            Supplier<PageSet> notHere,
            long nextEpoch,
            MigrationOptions options) {}

    private static final Logger LOG = System.getLogger(SourceMigration.class.getName());

    /** Pages sent between two looks at whether somebody has cancelled. */
    private static final long PORTION_PAGES = 1024;

    private static final long LONG_WAIT_NS = 50_000_000;

    private final Request request;
    private final AttachedPartition partition;
    private final Manifest manifest;
    private final WriteTracker tracker;
    private final PagePathOut path;
    private final SourceControl control;
    private final Progress progress;
    private final Timeline timeline;
    private final Convergence convergence;

    /**
     * @param request its manifest says what the space holds already: empty for a new space; its {@code notHere} are the
     *     pages that have not arrived here yet, and so need not go out
     */
    public SourceMigration(
            Request request,
            WriteTracker tracker,
            PagePathOut path,
            SourceControl control,
            Progress progress,
            Timeline timeline) {
        this.request = request;
        this.partition = request.partition();
        this.manifest = request.manifest();
        this.tracker = tracker;
        this.path = path;
        this.control = control;
        this.progress = progress;
        this.timeline = timeline;
        this.convergence = new Convergence(request.options());
    }

    /**
     * Carries the migration out, on the calling thread.
     *
     * @return whether it was committed: false if it was refused at the last moment and the program goes on here
     * @throws MigrationCancelledException if it was cancelled; the program goes on here
     * @throws RuntimeException if it failed before the commit; the program goes on here
     */
    public boolean run() {
        long startNs = System.nanoTime();
        timeline.mark("setup");
        try (HeatWatch watch = request.heat().beginMigration(request.options().orderOut())) {
            return run(watch, startNs);
        }
    }

    private boolean run(HeatWatch watch, long startNs) {
        try (Arena arena = Arena.ofShared();
                WrittenPages written = tracker.open()) {
            long sizeBytes = partition.attachment().sizeBytes();
            Mapping memory = Mapping.readOnly(partition.memory(), sizeBytes, arena);
            // Only now that writes are tracked: a page that arrives, and is written, after this look is dirty.
            PageSet notHere = request.notHere().get();
            progress.set("pages-left-in-space", notHere.size());
            PageOut out =
                    new PageOut(partition.memory(), memory, partition.records(), manifest, path, notHere, progress);
            progress.set("total", sizeBytes);
            progress.set("setup-time", (System.nanoTime() - startNs) / 1_000_000);
            control.report(MigrationState.ACTIVE);
            // Early: what the target fetches first goes by it.
            writeHeat();
            writeManifestChanges();
            firstPass(out, notHere, written, watch);
            PageSet dirty = refresh(out, written, watch);
            awaitVerified(dirty, out, written, watch);
            boolean committed;
            try (var _ = Foreground.begin()) {
                committed = switchOver(out, written);
            }
            progress.set("total-time", (System.nanoTime() - startNs) / 1_000_000);
            return committed;
        } finally {
            disarm();
        }
    }

    // The target may be about to resume the program on this very host, and clients wait for that.
    private void disarm() {
        try (var _ = Background.begin()) {
            tracker.disarm();
        }
    }

    private void firstPass(PageOut out, PageSet notHere, WrittenPages written, HeatWatch watch) {
        timeline.mark("first-pass");
        PageSet all = new PageSet(partition.pageCount());
        all.addRange(0, all.pageCount());
        // They are in the space; those that arrive here meanwhile and are written, too, come as dirty pages.
        all.removeAll(notHere);
        sendRound(out, all, written, watch);
    }

    /** Returns the pages that are dirty at the end; they are sent after the program has come to rest, with what it writes until then. */
    private PageSet refresh(PageOut out, WrittenPages written, HeatWatch watch) {
        timeline.mark("refresh");
        while (true) {
            long scanNs = System.nanoTime();
            PageSet dirty = takeDirty(out, written);
            long dirtyPages = dirty.size();
            progress.add("dirty-sync-count", 1);
            progress.add("dirtied-pages", dirtyPages);
            progress.set("remaining", dirtyPages * SpaceLayout.PAGE_BYTES);
            progress.set("expected-downtime", convergence.expectedDowntimeMs(dirtyPages));
            if (convergence.isWithinLimit(dirtyPages)) {
                written.putBack(dirty);
                return dirty;
            }
            if (convergence.isAtBound()) {
                if (!request.options().force()) throw notConverging(dirtyPages);
                written.putBack(dirty);
                return dirty;
            }
            sendRound(out, dirty, written, watch);
            double seconds = Math.max(1e-3, (System.nanoTime() - scanNs) / 1e9);
            progress.set("dirty-pages-rate", Math.round(dirtyPages / seconds));
        }
    }

    /**
     * What the program writes while it waits for the target is sent before the switchover, if that took long.
     *
     * <p>Invariant: a page that the program wrote while it was copied is one of the dirty ones, since they were taken after it was
     * sent. So all others match their checksums.
     */
    private void awaitVerified(PageSet dirty, PageOut out, WrittenPages written, HeatWatch watch) {
        dirty.forEachRange((first, count) -> {
            for (long page = first; page < first + count; page++) manifest.setUnsettled(page);
        });
        writeManifestChanges();
        path.await();
        long startNs = timeline.mark("verify");
        control.awaitVerified();
        if (System.nanoTime() - startNs > LONG_WAIT_NS) {
            var _ = refresh(out, written, watch);
        }
    }

    /**
     * Sends a round of pages in the order chosen.
     *
     * <p>Invariant: a page is taken for sending after the last scan that reported it, so a write that is forgotten here is in
     * what is sent.
     */
    private void sendRound(PageOut out, PageSet pages, WrittenPages written, HeatWatch watch) {
        long startNs = System.nanoTime();
        long sentBefore = progress.get("normal");
        PartitionHeat heat = request.heat();
        PageQueue queue = new PageQueue(request.options().orderOut(), heat.map(), heat::isDeclaredReadOnly, pages);
        while (!queue.isEmpty()) {
            control.checkCancelled();
            queue.take(PORTION_PAGES, out::sendRange);
            watch.look().ifPresent(seen -> {
                queue.rerank(seen);
                written.forget(queue.pages());
            });
            control.publish();
        }
        path.await();
        out.discardFreed();
        writeManifestChanges();
        path.await();
        long sent = progress.get("normal") - sentBefore;
        convergence.roundSent(sent, System.nanoTime() - startNs);
        progress.set("pages-per-second", Math.round(convergence.pagesPerSecond()));
        progress.set("mbps", Math.round(convergence.pagesPerSecond() * SpaceLayout.PAGE_BYTES * 8 / 1e6));
        control.publish();
    }

    private static PageSet takeDirty(PageOut out, WrittenPages written) {
        PageSet dirty = written.take();
        dirty.addAll(out.punched());
        return dirty;
    }

    /**
     * Invariant: what is durable in the space when the commit is asked for is exactly the memory of the quiesced program, and
     * it stays quiesced until the outcome is known.
     */
    private boolean switchOver(PageOut out, WrittenPages written) {
        writeHeat();
        writeManifestChanges();
        // What the rounds wrote is made durable while the program still runs: the last flush has little left to do.
        path.flush();
        control.report(MigrationState.PRE_SWITCHOVER);
        long frozenNs = timeline.mark("quiesce");
        byte[] executionState = partition.quiesce();
        try {
            timeline.mark("last-pages");
            PageSet last = takeDirty(out, written);
            progress.set("last-pages", last.size());
            progress.add("dirtied-pages", last.size());
            out.send(last);
            timeline.mark("manifest");
            manifest.seal(partition.name(), request.nextEpoch(), executionState);
            writeManifestChanges();
            timeline.mark("flush");
            path.flush();
        } catch (RuntimeException | Error failure) {
            goOn(executionState);
            throw failure;
        }
        timeline.mark("commit");
        SourceControl.Commit outcome = control.commit();
        long committedNs = timeline.mark("committed");
        progress.set("source-frozen-us", (committedNs - frozenNs) / 1000);
        if (outcome == SourceControl.Commit.REFUSED) goOn(executionState);
        else depart();
        return outcome == SourceControl.Commit.COMMITTED;
    }

    private void goOn(byte[] executionState) {
        timeline.mark("resume-source");
        partition.resume(partition.pointer(), executionState);
    }

    private void writeHeat() {
        manifest.setHeats(request.heat().map().levels());
    }

    // At once: the program's clients wait to be let go.
    private void depart() {
        try {
            partition.depart();
            timeline.mark("departed");
        } catch (AttachLostException | ProgramFailedException ended) {
            LOG.log(Level.INFO, "the program of {0} has ended, and its partition runs elsewhere", partition.name());
        }
    }

    private void writeManifestChanges() {
        long start = manifest.layout().manifestOffset();
        manifest.takeChanged().forEachRange((firstPage, pageCount) -> {
            long at = firstPage * SpaceLayout.PAGE_BYTES;
            path.write(start + at, manifest.bytes().asSlice(at, pageCount * SpaceLayout.PAGE_BYTES));
        });
    }

    private MigrationFailedException notConverging(long dirtyPages) {
        return new MigrationFailedException("after " + convergence.rounds() + " rounds " + dirtyPages
                + " pages are still dirty: the expected downtime is " + convergence.expectedDowntimeMs(dirtyPages)
                + " ms, the limit " + request.options().maxDowntimeMs()
                + " ms. Raise --max-downtime, lower the load, or migrate with --at-bound force");
    }
}
