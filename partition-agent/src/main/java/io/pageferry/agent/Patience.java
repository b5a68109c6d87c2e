package io.pageferry.agent;

import io.pageferry.migration.MigrationCancelledException;
import io.pageferry.migration.MigrationFailedException;
import io.pageferry.nbd.client.NbdUnreachableException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * How long whoever opens a page path waits for a paging server that cannot be reached: it may be starting anew.
 *
 * @param limit how long at the most; {@link #ENDLESS} where nobody else could bring the partition
 * @param check is called between two tries, and may throw to end the waiting
 */
record Patience(Duration limit, Runnable check) {
    static final Duration ENDLESS = Duration.ofDays(365);

    private static final Logger LOG = System.getLogger(Patience.class.getName());
    private static final long AGAIN_MS = 200;

    /**
     * Opens something at the server.
     *
     * @param opening asks anew for the server's address each time: it may listen elsewhere when it is back
     * @throws MigrationFailedException what {@code opening} throws, unless that is for an unreachable server within the limit
     * @throws MigrationCancelledException if the thread is interrupted
     */
    <T> T open(Supplier<T> opening) {
        long startNs = System.nanoTime();
        for (Level level = Level.WARNING; ; level = Level.DEBUG) {
            try {
                return opening.get();
            } catch (MigrationFailedException notNow) {
                boolean isAway = notNow.getCause() instanceof NbdUnreachableException;
                if (!isAway || System.nanoTime() - startNs >= limit.toNanos()) throw notNow;
                LOG.log(level, "{0}; trying again until the server is back", notNow.getMessage());
            }
            check.run();
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(AGAIN_MS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new MigrationCancelledException();
        }
    }
}
