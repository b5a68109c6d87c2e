package io.pageferry.server.pool;

import java.util.concurrent.locks.StampedLock;

/**
 * Orders whoever stores into a space's memory against whoever takes something away: storage (discard) or the right to
 * write (fence).
 *
 * <p>Invariant: every single step that stores into the mapping, or reads it directly, runs inside; so once
 * {@link #closed} has run, every step that began before it has ended, and every later one sees what was taken away.
 * A step is short: one received piece, never a wait for a client.
 */
public final class Gate {
    private final StampedLock lock = new StampedLock();

    /** Enters together with others; the ticket goes to {@link #leave}, on any thread. */
    public long enter() {
        return lock.readLock();
    }

    public void leave(long ticket) {
        lock.unlockRead(ticket);
    }

    /** Runs an action while nobody is inside. Not to be called from inside. */
    public void closed(Runnable action) {
        long ticket = lock.writeLock();
        try {
            action.run();
        } finally {
            lock.unlockWrite(ticket);
        }
    }

    /** Returns once everybody has left who was inside when it was called. */
    public void drain() {
        lock.unlockWrite(lock.writeLock());
    }
}
