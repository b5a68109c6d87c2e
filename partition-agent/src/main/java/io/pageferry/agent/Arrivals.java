package io.pageferry.agent;

import io.pageferry.heat.Order;
import io.pageferry.migration.ArrivalOptions;
import io.pageferry.migration.Progress;
import io.pageferry.migration.TargetControl;
import io.pageferry.migration.TargetMigration;
import io.pageferry.migration.Timeline;
import io.pageferry.nbd.MetaContexts;
import io.pageferry.nbd.client.NbdClientOptions;
import io.pageferry.nbd.client.NbdUri;
import io.pageferry.pager.PageTableSwitch;
import io.pageferry.path.NbdPagePathIn;
import io.pageferry.path.PagePathIn;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** How partitions arrive at this agent, and how an arrival goes on after the agent that began it has died. */
final class Arrivals {
    private static final Logger LOG = System.getLogger(Arrivals.class.getName());

    /** Nobody else has the pages of a partition that has arrived: who waits for one waits for the server to be back. */
    private static final Duration RECONNECT_LIMIT = Duration.ofDays(365);

    private final Coordinator coordinator;
    private final boolean prefetches;
    private final long maxBytesPerSecond;
    private final PageTableSwitch.Pace sweepPace;

    /**
     * @param maxBytesPerSecond the most that is filled in the background; 0 for no limit
     * @param sweepPace how the old page table is swept once everything is here
     */
    Arrivals(Coordinator coordinator, boolean prefetches, long maxBytesPerSecond, PageTableSwitch.Pace sweepPace) {
        this.sweepPace = sweepPace;
        this.coordinator = coordinator;
        this.prefetches = prefetches;
        this.maxBytesPerSecond = maxBytesPerSecond;
    }

    ArrivalOptions options() {
        return new ArrivalOptions(prefetches, maxBytesPerSecond);
    }

    /** By its name alone: reading needs no lease, and the source's writes are not ours to make. */
    static PagePathIn openPath(List<NbdUri> ways, Consumer<NbdUri> opened) {
        NbdClientOptions options = NbdClientOptions.DEFAULT
                .withTimeLimits(
                        NbdClientOptions.DEFAULT.handshakeLimit(),
                        RECONNECT_LIMIT,
                        NbdClientOptions.DEFAULT.stallLimit())
                .withContexts(List.of(MetaContexts.WRITTEN_SINCE));
        return new NbdPagePathIn(NbdOpening.open(ways, options, opened));
    }

    /**
     * Serves and fills what a running program's former agent has left in the space; done again, it returns what it began.
     *
     * <p>Invariant: the partition is this agent's, so that the space holds what was committed to it.
     *
     * @param order in which what is missing comes
     */
    synchronized Filling takeUp(HostedPartition hosted, String space, Order order) {
        Optional<Filling> present = hosted.filling();
        if (present.isPresent()) return present.get();
        Progress progress = new Progress();
        Timeline timeline = new Timeline();
        PagePathIn path = openPath(coordinator.spaceSince(space, 0), way -> {});
        TargetMigration migration = new TargetMigration(
                hosted.attached(), hosted.heat(), order, path, new NoMigration(), options(), progress, timeline);
        try {
            Filling filling = filling(hosted, migration.takeUp(), progress, timeline);
            hosted.setFilling(Optional.of(filling));
            Thread.ofPlatform().daemon().name("fill-" + hosted.name()).start(() -> run(filling));
            LOG.log(Level.INFO, "partition {0}: its arrival goes on here", hosted.name());
            return filling;
        } catch (RuntimeException failure) {
            path.close();
            migration.close();
            throw failure;
        }
    }

    /** What is to come of a partition that runs here. */
    Filling filling(HostedPartition hosted, TargetMigration.Arrived arrived, Progress progress, Timeline timeline) {
        return new Filling(hosted, arrived, sweepPace, progress, timeline);
    }

    private static void run(Filling filling) {
        try {
            filling.run();
        } catch (InterruptedException ending) {
            LOG.log(Level.DEBUG, "filling ends with the agent");
        }
    }

    /** What is taken up may belong to no migration any more. */
    private static final class NoMigration implements TargetControl {
        @Override
        public boolean awaitCommit(long timeoutMs) {
            return true;
        }

        @Override
        public boolean isSwitching() {
            return false;
        }

        @Override
        public boolean isToVerify() {
            return false;
        }

        @Override
        public boolean isCommitted(long generation) {
            return true;
        }

        @Override
        public void verified() {
            // Nobody has asked.
        }

        @Override
        public void resumed() {
            // It was running before.
        }

        @Override
        public void publish() {
            // There is nobody to tell.
        }
    }
}
