package io.pageferry.migration;

import io.pageferry.attach.AttachedPartition;
import io.pageferry.heat.Order;
import io.pageferry.heat.PartitionHeat;
import io.pageferry.linux.Userfaultfd;
import io.pageferry.manifest.Manifest;
import io.pageferry.manifest.ManifestHeader;
import io.pageferry.manifest.SpaceLayout;
import io.pageferry.manifest.WrongGenerationException;
import io.pageferry.page.PageRange;
import io.pageferry.page.PageSet;
import io.pageferry.pager.FaultListener;
import io.pageferry.pager.FaultServer;
import io.pageferry.pager.FaultStats;
import io.pageferry.pager.FaultWait;
import io.pageferry.pager.PageSource;
import io.pageferry.pager.RetryPolicy;
import io.pageferry.pager.ServedMapping;
import io.pageferry.pager.WaitingMemory;
import io.pageferry.pagetable.Table;
import io.pageferry.path.PagePathIn;
import io.pageferry.process.Foreground;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;

/**
 * The target's side of a migration: prefetch while the source pages out; once the partition is ours, compare, resume, serve
 * faults and fill. Resuming a suspended partition is the same, with the commit long ago.
 */
public final class TargetMigration implements AutoCloseable {
    private static final Logger LOG = System.getLogger(TargetMigration.class.getName());
    private static final long IDLE_WAIT_MS = 20;
    /** By a path that answers at once a question costs little, and nobody waits long for the switchover: the target stays close behind. */
    private static final long CLOSE_BEHIND_MS = 2;

    private final AttachedPartition partition;
    private final PagePathIn path;
    private final TargetControl control;
    private final PartitionHeat heat;
    private final Order order;
    private final ArrivalOptions options;
    private final Progress progress;
    private final Timeline timeline;
    private final Manifest manifest;
    private boolean verified;

    /**
     * @param heat takes over what the manifest tells
     * @param order in which what is missing comes
     * @param path closed here if there is no memory for the manifest, and else by whoever closes this
     */
    public TargetMigration(
            AttachedPartition partition,
            PartitionHeat heat,
            Order order,
            PagePathIn path,
            TargetControl control,
            ArrivalOptions options,
            Progress progress,
            Timeline timeline) {
        this.partition = partition;
        this.heat = heat;
        this.order = order;
        this.path = path;
        this.control = control;
        this.options = options;
        this.progress = progress;
        this.timeline = timeline;
        this.manifest = manifest(partition, path);
    }

    private static Manifest manifest(AttachedPartition partition, PagePathIn path) {
        try {
            return new Manifest(new SpaceLayout(partition.pageCount()));
        } catch (RuntimeException | Error noMemory) {
            path.close();
            throw noMemory;
        }
    }

    /** Gives the manifest's memory back: once the path is closed, since until then something may still be read into it. */
    @Override
    public void close() {
        manifest.close();
    }

    /** What runs here after the commit, and may not all be here yet. */
    public final class Arrived implements AutoCloseable {
        private final Arrival arrival;
        private final FaultServer faultServer;
        private final RecentFaults faulted = new RecentFaults(partition.pageCount());
        private final BackgroundFill fill;
        private final Table resumedOn;
        private boolean heatInherited;

        private Arrived(Arrival arrival, Table resumedOn) {
            this.arrival = arrival;
            this.resumedOn = resumedOn;
            ServedMapping mapping = new ServedMapping(
                    partition.userfaultfd(), partition.address(Table.MIGRATION), partition.pageCount(), () -> true);
            PageSource source = new ArrivalSource(arrival, path, faulted);
            this.faultServer = FaultServer.start(
                    mapping, arrival.resident(), source, RetryPolicy.DEFAULT, FaultWait.besideFill(), new Stuck());
            this.fill = new BackgroundFill(
                    arrival,
                    order.inward(),
                    faulted,
                    path,
                    faultServer.filler(),
                    () -> faultServer.stats().faults(),
                    progress,
                    new Throttle(options.maxBytesPerSecond()),
                    pageIndex -> poison(new PageRange(pageIndex, 1)));
        }

        public Arrival arrival() {
            return arrival;
        }

        /** Fills what is missing; returns false if it was stopped before everything was here, or the program has gone. */
        public boolean fill() throws InterruptedException {
            timeline.mark("fill");
            try {
                boolean complete = fill.run();
                if (complete) timeline.mark("resident");
                inheritHeat();
                return complete;
            } finally {
                noteFaults();
            }
        }

        // Once: what is observed here is newer than what came along.
        private void inheritHeat() {
            if (!heatInherited) heat.inherit(arrival.manifest().heats());
            heatInherited = true;
        }

        /**
         * Ends an arrival of which nothing was missing at the resume; false if something was, and tables are to be switched.
         *
         * <p>Invariant: the program has had no pointer but that to the partition table since this arrival began, so the
         * migration table holds no entry that could be stale, and was never made to report missing pages.
         */
        public boolean endIfWhole() {
            return resumedOn == Table.PARTITION;
        }

        /** Lets {@link #fill} be called again after {@link #stopFilling}. */
        public void allowFilling() {
            fill.allow();
        }

        /** Ends the background fill soon; faults are served on. */
        public void stopFilling() {
            fill.stop();
        }

        private void noteFaults() {
            FaultStats stats = faultServer.stats();
            if (stats.faults() == 0 && endIfWhole()) return;
            progress.set("postcopy-requests", stats.faults());
            if (stats.faults() == 0) return;
            progress.set("fault-latency-p50-us", stats.p50Ns() / 1000);
            progress.set("fault-latency-p99-us", stats.p99Ns() / 1000);
            long blockedNs = stats.blockedNs().values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            progress.set("blocktime-ms", TimeUnit.NANOSECONDS.toMillis(blockedNs));
        }

        /** Before the page-table switch: from here on a mark of a write is what an entry has recorded. */
        public void expectRecorded() {
            heat.expectRecorded();
        }

        /**
         * After the page-table switch: takes up what the entries had recorded. What was filled in the background has an entry that no
         * thread has made, so it counts as used only if it was written, or waited for.
         */
        public void takeUpRecorded() {
            PageSet unasked = fill.filled().copy();
            unasked.removeAll(faulted.everFaulted());
            heat.takeUpRecorded(unasked);
        }

        /** Ends the service of faults: threads on missing pages wait for the next server. */
        @Override
        public void close() {
            faultServer.close();
        }

        /** The same, and closes the path, and the migration after it. */
        public void closeAll() {
            close();
            path.close();
            TargetMigration.this.close();
        }

        private final class Stuck implements FaultListener {
            @Override
            public void stuck(PageRange pages, Throwable cause) {
                LOG.log(
                        Level.ERROR,
                        "partition {0}: {1} cannot be had: {2}",
                        partition.name(),
                        pages,
                        cause.getMessage());
                if (cause instanceof CorruptPageException) poison(pages);
            }

            @Override
            public void programGone() {
                LOG.log(Level.WARNING, "partition {0}: the program has gone while it arrived", partition.name());
            }
        }
    }

    /**
     * Waits for the partition, prefetching meanwhile, and resumes it.
     *
     * @param memory the program's, which holds nothing of an earlier arrival. If this throws, reads into it may be under way until the
     *     path is closed
     */
    public Arrived receive(WaitingMemory memory) {
        Prefetch prefetch = new Prefetch(path, partition.memory(), memory, manifest, order.inward(), progress);
        prefetchUntilSwitching(prefetch);
        try (var _ = Foreground.begin()) {
            return switchOver(prefetch);
        }
    }

    private Arrived switchOver(Prefetch prefetch) {
        prefetchUntilCommitted(prefetch);
        timeline.mark("target-owns");
        // The space does not change any more: what this reports, and the manifest, are final.
        prefetch.fetchLast(options.prefetches());
        // Pages that were not looked at yet are not held, and what is not held is dropped: here it would be lost.
        if (path.isInPlace()) prefetch.fetchAll();
        ManifestHeader header = manifest.verify(partition.name());
        if (!control.isCommitted(header.generation())) throw new WrongGenerationException(header);
        timeline.mark("compare");
        Arrival arrival = Arrival.compare(partition, manifest, prefetch, path.isInPlace());
        return resume(arrival, prefetch.memory(), manifest.executionState(header));
    }

    /**
     * Takes up the arrival of a program that runs already, after its agent has died.
     *
     * <p>The planes may be newer than the header: the agent may have died while it sent pages out again, and after each round
     * it writes what has changed in them. Of a page that is missing here, nothing was sent, so its entries are as they were;
     * and its checksum is compared before it is used, as ever. For the same reason the generation tells nothing here: it may be that of a
     * later migration, which was given up.
     */
    public Arrived takeUp() {
        Transfers transfers = new Transfers();
        transfers.begin();
        path.read(manifest.layout().manifestOffset(), manifest.bytes(), transfers::ended);
        transfers.await();
        manifest.verifyHeader(partition.name());
        // The agent before this one may have died in the middle of its sweep: what the pointer is at tells nothing.
        return new Arrived(Arrival.takeUp(partition, manifest), Table.MIGRATION);
    }

    private void prefetchUntilSwitching(Prefetch prefetch) {
        timeline.mark("prefetch");
        while (!control.awaitCommit(0) && !control.isSwitching()) {
            if (control.isToVerify()) {
                verify(prefetch);
            } else if (!options.prefetches() && !path.isInPlace()) {
                control.awaitCommit(IDLE_WAIT_MS);
            } else if (prefetch.ask() == 0) {
                prefetch.fetchManifest();
                control.awaitCommit(path.isImmediate() ? CLOSE_BEHIND_MS : IDLE_WAIT_MS);
            } else if (!prefetch.fetchPages(true, this::isNews)) {
                control.awaitCommit(CLOSE_BEHIND_MS);
            }
            // Not while the program stands still: the answer may come after the commit.
            if (!control.isSwitching()) control.publish();
        }
    }

    private boolean isNews() {
        return control.isSwitching() || control.isToVerify() || control.awaitCommit(0);
    }

    /**
     * Invariant: from its question until it has heard the answer the source writes nothing, and from then on what it writes need not
     * match yet. So a question that is still asked once it was answered is answered again, and nothing compared.
     */
    private void verify(Prefetch prefetch) {
        timeline.mark("verify");
        boolean compares = options.prefetches() || path.isInPlace();
        if (compares && !verified) prefetch.verify(() -> control.awaitCommit(0));
        verified = true;
        timeline.mark("verified");
        control.verified();
    }

    private void prefetchUntilCommitted(Prefetch prefetch) {
        if (control.awaitCommit(0)) return;
        // Asked now, the last question has little to tell; and little is on its way here that could come later.
        prefetch.ask();
        prefetch.fetchManifest();
        prefetch.compareAhead();
        prefetch.fetchMostUsed(() -> control.awaitCommit(0));
        while (!control.awaitCommit(0)) stayBehind(prefetch);
    }

    /** While the source sends what is last: takes it up where that is soon done, and drops it where much would be on its way. */
    private void stayBehind(Prefetch prefetch) {
        if (!options.prefetches() || path.isInPlace()) {
            control.awaitCommit(IDLE_WAIT_MS);
        } else if (prefetch.catchesUp()) {
            if (!prefetch.isLevel()) prefetch.fetchPages(false, () -> control.awaitCommit(0));
            else if (!control.awaitCommit(CLOSE_BEHIND_MS)) prefetch.ask();
        } else if (!control.awaitCommit(IDLE_WAIT_MS)) {
            prefetch.ask();
            prefetch.dropStale();
        }
    }

    /** Invariant: when the program is told to run, a page that is missing has no frame, and whoever touches it waits. */
    private Arrived resume(Arrival arrival, WaitingMemory memory, byte[] executionState) {
        PageSet missing = arrival.missing();
        progress.set("pages-missing-at-resume", missing.size());
        // Served before the program runs: its first touch of a missing page finds somebody who answers.
        Table table = missing.isEmpty() ? Table.PARTITION : Table.MIGRATION;
        if (table == Table.MIGRATION) {
            partition.reportMissing();
            memory.dropStrays(missing);
        }
        Arrived arrived = new Arrived(arrival, table);
        timeline.mark("resume");
        partition.resume(table, executionState);
        timeline.mark("resumed");
        control.resumed();
        return arrived;
    }

    /** Each page by itself, until the kernel has done it: one that is here after all is left alone. */
    private void poison(PageRange pages) {
        for (long page = pages.firstPage(); page < pages.end(); page++) {
            long address = partition.address(Table.MIGRATION) + page * SpaceLayout.PAGE_BYTES;
            Userfaultfd.Outcome outcome;
            do
                outcome = partition
                        .userfaultfd()
                        .poison(address, SpaceLayout.PAGE_BYTES)
                        .outcome();
            while (outcome == Userfaultfd.Outcome.RETRY);
            LOG.log(
                    Level.WARNING,
                    "partition {0}: page {1} marked as lost: {2}",
                    partition.name(),
                    Long.toString(page),
                    outcome);
        }
    }
}
