package io.pageferry.migration;

import io.pageferry.attach.AttachLostException;
import io.pageferry.attach.AttachedPartition;
import io.pageferry.attach.ProgramFailedException;
import io.pageferry.heat.HeatWatch;
import io.pageferry.heat.PartitionHeat;
import io.pageferry.manifest.Manifest;
import io.pageferry.page.PageSet;
import io.pageferry.pager.WriteTracker;
import io.pageferry.pager.WrittenPages;
import io.pageferry.path.PagePathOut;
import io.pageferry.process.Background;
import io.pageferry.process.Foreground;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
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

    private final Request request;
    private final AttachedPartition partition;
    private final Manifest manifest;
    private final WriteTracker tracker;
    private final PagePathOut path;
    private final SourceControl control;
    private final Progress progress;
    private final Timeline timeline;
    private final ManifestOut manifestOut;

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
        this.manifestOut = new ManifestOut(manifest, path);
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
        boolean committed = false;
        // The watch has just been opened, with a scan.
        try (WrittenPages written = tracker.openWithoutScan()) {
            long sizeBytes = partition.attachment().sizeBytes();
            // Only now that writes are tracked: a page that arrives, and is written, after this look is dirty.
            PageSet notHere = request.notHere().get();
            if (!notHere.isEmpty()) progress.set("pages-left-in-space", notHere.size());
            PageOut out = new PageOut(partition, manifest, path, notHere, progress);
            progress.set("total", sizeBytes);
            progress.set("setup-time", (System.nanoTime() - startNs) / 1_000_000);
            control.report(MigrationState.ACTIVE);
            // Early: what the target fetches first goes by it.
            manifestOut.writeHeat(request.heat().map());
            Rounds rounds = new Rounds(request, out, written, watch, manifestOut, path, control, progress);
            timeline.mark("first-pass");
            rounds.firstPass(notHere);
            timeline.mark("refresh");
            PageSet dirty = rounds.refresh();
            awaitVerified(dirty, rounds);
            try (var _ = Foreground.begin()) {
                committed = switchOver(out, rounds);
            }
            progress.set("total-time", (System.nanoTime() - startNs) / 1_000_000);
            return committed;
        } finally {
            // What is committed is given up here, with its page-table entries.
            if (committed) tracker.abandon();
            else disarm();
        }
    }

    // The target may be about to resume the program on this very host, and clients wait for that.
    private void disarm() {
        try (var _ = Background.begin()) {
            tracker.disarm();
        }
    }

    /**
     * What was put off, and what the program writes while it waits for the target if that takes long, is sent before the switchover.
     *
     * <p>Invariant: a page that the program wrote while it was copied is one of the dirty ones, since they were taken after it was
     * sent. So all others match their checksums.
     */
    private void awaitVerified(PageSet dirty, Rounds rounds) {
        manifestOut.writeUnsettled(dirty);
        path.await();
        timeline.mark("verify");
        long startNs = System.nanoTime();
        control.awaitVerified();
        timeline.mark("put-off");
        rounds.finish(System.nanoTime() - startNs);
    }

    /**
     * Invariant: what is durable in the space when the commit is asked for is exactly the memory of the quiesced program, and
     * it stays quiesced until the outcome is known.
     */
    private boolean switchOver(PageOut out, Rounds rounds) {
        manifestOut.writeHeat(request.heat().map());
        // What the rounds wrote is made durable while the program still runs: the last flush has little left to do.
        path.flush();
        control.report(MigrationState.PRE_SWITCHOVER);
        long frozenNs = timeline.mark("quiesce");
        byte[] executionState = partition.quiesce();
        try {
            timeline.mark("last-pages");
            PageSet last = rounds.takeDirty();
            progress.set("last-pages", last.size());
            progress.add("dirtied-pages", last.size());
            out.send(last);
            timeline.mark("manifest");
            manifest.seal(partition.name(), request.nextEpoch(), executionState);
            manifestOut.writeChanges();
            timeline.mark("flush");
            path.flush();
            progress.set("remaining", 0);
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

    // At once: the program's clients wait to be let go.
    private void depart() {
        try {
            partition.depart();
            timeline.mark("departed");
        } catch (AttachLostException | ProgramFailedException ended) {
            LOG.log(Level.INFO, "the program of {0} has ended, and its partition runs elsewhere", partition.name());
        }
    }
}
