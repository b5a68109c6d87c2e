package io.pageferry.migration;

import org.jspecify.annotations.Nullable;

/** Counts transfers under way, so that one thread can wait until all have ended. Thread-safe. */
final class Transfers {
    private long underWay;
    private @Nullable Throwable failure;

    synchronized void begin() {
        underWay++;
    }

    /** As {@link #begin}, once fewer than {@code limit} are under way. */
    synchronized void begin(long limit) {
        awaitFewerThan(limit);
        underWay++;
    }

    synchronized void ended(@Nullable Throwable failed) {
        underWay--;
        if (failed != null && failure == null) failure = failed;
        notifyAll();
    }

    /** Waits until none is under way; throws if one has failed since the last time. */
    synchronized void await() {
        awaitFewerThan(1);
        Throwable failed = failure;
        failure = null;
        // A path that waited for its server was told so on one of its own threads.
        if (failed instanceof MigrationCancelledException cancelled) throw cancelled;
        if (failed != null) throw new MigrationFailedException("page-in failed: " + failed.getMessage(), failed);
    }

    private void awaitFewerThan(long limit) {
        try {
            while (underWay >= limit) wait();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new MigrationFailedException("interrupted while pages came in", interrupted);
        }
    }
}
