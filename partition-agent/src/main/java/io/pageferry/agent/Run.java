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
    private static final int FIRST_RETRY_MS = 20;
    private static final int LAST_RETRY_MS = 1000;
    private static final int UNAUTHORIZED = 401;
    private static final long PUBLISH_EVERY_NS = 200_000_000;

    private final Coordinator coordinator;
    private final HostedPartition hosted;
    private final String side;
    private final Ways ways;
    private final Progress progress = new Progress();
    private final Timeline timeline = new Timeline();
    private Assignment latest;
    private long publishedNs = System.nanoTime();

    Run(Coordinator coordinator, HostedPartition hosted, Assignment first, String side, Ways ways) {
        this.coordinator = coordinator;
        this.hosted = hosted;
        this.latest = first;
        this.side = side;
        this.ways = ways;
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

    final Ways ways() {
        return ways;
    }

    /** Opens this side's page paths. */
    final PathOpener paths() {
        return new PathOpener(coordinator, hosted, ways, latest(), progress, timeline, patience());
    }

    /** How long this side waits for a server that cannot be reached. */
    abstract Patience patience();

    final synchronized Assignment latest() {
        return latest;
    }

    /** Takes news of the migration; states only go forward, so an older answer that comes late is dropped. */
    final synchronized void update(Assignment news) {
        boolean older =
                latest.isCommitted() && !news.isCommitted() && !news.state().isTerminal();
        if (older || latest.state().isTerminal()) return;
        latest = news.notBefore(latest.verification());
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

    /**
     * Reports the end of this side's part, again and again until the server has heard it: nobody else can tell it.
     *
     * @return whether the server agrees; false where it knows better
     */
    final boolean reportEnd(MigrationState state, Optional<String> error) {
        for (int waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(2 * waitMs, LAST_RETRY_MS)) {
            try {
                report(state.word(), error);
                return true;
            } catch (ControlException.Refused refused) {
                LOG.log(Level.INFO, "{0} is not {1}: {2}", latest().id(), state.word(), refused.getMessage());
                // Without a session it was not heard at all.
                if (refused.status() != UNAUTHORIZED) return false;
            } catch (ControlException notHeard) {
                LOG.log(Level.DEBUG, "{0}: {1} not heard: {2}", latest().id(), state.word(), notHeard.getMessage());
            } catch (MigrationCancelledException interrupted) {
                return false;
            }
            try {
                Thread.sleep(waitMs);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
    }
}
