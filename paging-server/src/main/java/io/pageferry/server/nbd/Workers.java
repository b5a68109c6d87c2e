package io.pageferry.server.nbd;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The threads for what may block. Opening exports and making data durable have their own, so that neither waits behind
 * data operations that wait for a slow device.
 */
final class Workers implements AutoCloseable {
    private static final int DATA_THREADS = 16;
    private static final int OPENING_THREADS = 2;
    private static final int SYNC_THREADS = 4;

    private final ExecutorService data = pool(DATA_THREADS, "nbd-data-");
    private final ExecutorService opening = pool(OPENING_THREADS, "nbd-open-");
    private final ExecutorService syncing = pool(SYNC_THREADS, "nbd-sync-");

    private static ExecutorService pool(int threads, String name) {
        ThreadFactory factory = Thread.ofPlatform().name(name, 0).daemon().factory();
        return Executors.newFixedThreadPool(threads, factory);
    }

    /** For reads, writes and discards. */
    ExecutorService data() {
        return data;
    }

    /** For the handshake's work on the pool. */
    ExecutorService opening() {
        return opening;
    }

    /** For FLUSH and FUA. */
    ExecutorService syncing() {
        return syncing;
    }

    /** Lets what has begun finish. */
    @Override
    public void close() {
        for (ExecutorService service : new ExecutorService[] {opening, data, syncing}) {
            service.shutdown();
            try {
                if (!service.awaitTermination(10, TimeUnit.SECONDS)) {
                    service.shutdownNow();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                service.shutdownNow();
            }
        }
    }
}
