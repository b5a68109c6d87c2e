package io.pageferry.server.pool;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Joins syncs that wait at the same time into one.
 *
 * <p>Invariant: a caller returns only after a sync that began after its call. A failed sync is never followed by a
 * success: the kernel reports a lost write once and drops it, so the space stays failed until it is opened anew.
 */
final class SyncGroup {
    private final Runnable sync;
    private final AtomicLong asked = new AtomicLong();
    private long done;
    private @Nullable RuntimeException failure;

    SyncGroup(Runnable sync) {
        this.sync = sync;
    }

    void sync() {
        long ticket = asked.incrementAndGet();
        synchronized (this) {
            if (failure != null) {
                throw new IllegalStateException("an earlier sync failed; data may be lost", failure);
            }
            if (done >= ticket) {
                return;
            }
            long covered = asked.get();
            try {
                sync.run();
            } catch (RuntimeException e) {
                failure = e;
                throw e;
            }
            done = covered;
        }
    }
}
