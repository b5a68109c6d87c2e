package io.pageferry.server.pool;

/**
 * Counts who uses a space. The pool counts as one while the space is in it; when the last one is gone the space closes.
 *
 * <p>Invariant: the mapping lives as long as anybody who got {@code true} from {@link #tryAcquire} has not released.
 */
public final class Uses {
    private final Runnable onLast;
    private int count = 1;

    Uses(Runnable onLast) {
        this.onLast = onLast;
    }

    /** One more user; false if the space is closed already. */
    public synchronized boolean tryAcquire() {
        if (count == 0) {
            return false;
        }
        count++;
        return true;
    }

    /** One user fewer; the last one closes the space. */
    public void release() {
        boolean last;
        synchronized (this) {
            if (count == 0) {
                throw new IllegalStateException("released more often than acquired");
            }
            last = --count == 0;
        }
        if (last) {
            onLast.run();
        }
    }

    /** Users besides the pool. */
    synchronized int others() {
        return Math.max(0, count - 1);
    }
}
