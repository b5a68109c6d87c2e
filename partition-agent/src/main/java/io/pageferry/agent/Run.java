package io.pageferry.agent;

import io.pageferry.agent.control.ControlException;
import io.pageferry.migration.MigrationCancelledException;
import io.pageferry.migration.MigrationState;
import io.pageferry.migration.Progress;
import io.pageferry.migration.Timeline;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** This agent's part in one migration: its latest news from the server, and its reports to it. */
abstract class Run implements Runnable {
    private static final Logger LOG = System.getLogger(Run.class.getName());
    private static final long PUBLISH_EVERY_NS = 100_000_000;

    private final Coordinator coordinator;
    private final HostedPartition hosted;
    private final String side;
    private final Progress progress = new Progress();
    private final Timeline timeline = new Timeline();
    private Assignment latest;
    private long publishedNs = System.nanoTime();

    Run(Coordinator coordinator, HostedPartition hosted, Assignment first, String side) {
        this.coordinator = coordinator;
        this.hosted = hosted;
        this.latest = first;
        this.side = side;
    }

    final HostedPartition hosted() {
        return hosted;
    }

    final Coordinator coordinator() {
        return coordinator;
    }

    final Progress progress() {
        return progress;
    }

    final Timeline timeline() {
        return timeline;
    }

    final synchronized Assignment latest() {
        return latest;
    }

    /** Takes news of the migration; states only go forward, so an older answer that comes late is dropped. */
    final synchronized void update(Assignment news) {
        boolean older =
                latest.isCommitted() && !news.isCommitted() && !news.state().isTerminal();
        if (older || latest.state().isTerminal()) return;
        latest = news;
        notifyAll();
    }

    /** Waits until the news are {@code enough}, so long at the most. */
    final synchronized void awaitNews(BooleanSupplier enough, long timeoutMs) {
        long endNs = System.nanoTime() + timeoutMs * 1_000_000;
        try {
            for (long leftMs = timeoutMs; !enough.getAsBoolean() && leftMs > 0; ) {
                wait(leftMs);
                leftMs = (endNs - System.nanoTime()) / 1_000_000;
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new MigrationCancelledException();
        }
    }

    /** Reports a state; the answer is the latest news. */
    final void report(String state, Optional<String> error) {
        try {
            update(coordinator.report(latest().id(), side, Optional.of(state), error, progress, timeline));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new MigrationCancelledException();
        }
    }

    /** Sends figures and timeline, unless that was done a moment ago; it does no harm if it cannot be done. */
    final void publishNow(boolean always) {
        long nowNs = System.nanoTime();
        if (!always && nowNs - publishedNs < PUBLISH_EVERY_NS) return;
        publishedNs = nowNs;
        try {
            update(coordinator.report(latest().id(), side, Optional.empty(), Optional.empty(), progress, timeline));
        } catch (ControlException notNow) {
            LOG.log(Level.DEBUG, "figures of {0} not published: {1}", latest().id(), notNow.getMessage());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Reports the end of this side's part; the server finds out by itself where it cannot be told. */
    final void reportEnd(MigrationState state, Optional<String> error) {
        try {
            report(state.word(), error);
        } catch (ControlException | MigrationCancelledException notHeard) {
            LOG.log(
                    Level.WARNING,
                    "{0}: the server has not taken {1}: {2}",
                    latest().id(),
                    state.word(),
                    notHeard.getMessage());
        }
    }
}
