package io.pageferry.examples.kv;

import java.util.concurrent.locks.ReentrantLock;

/**
 * Where the event loop asks to touch partition memory, and where the control thread stops it.
 *
 * <p>Invariant: memory is touched only between {@link #enter} that returned true and {@link #exit}; once {@link #close}
 * has returned, no {@code enter} returns true until {@link #open}. So when the program has come to rest, no thread of it
 * touches the memory, and whoever is inside is waited for: at most to the end of one command, since who is inside
 * leaves as soon as {@link #isClosing} says so.
 */
final class ExecutionGate {
    private final ReentrantLock inside = new ReentrantLock();
    private volatile boolean closing = true;

    /** Tries to go in; false if the program rests or is about to. */
    @SuppressWarnings("LockNotBeforeTry") // whoever went in unlocks in exit
    boolean enter() {
        if (closing) return false;
        inside.lock();
        if (!closing) return true;
        inside.unlock();
        return false;
    }

    void exit() {
        inside.unlock();
    }

    /** Whether to leave at the next command boundary. */
    boolean isClosing() {
        return closing;
    }

    /** Lets nobody in any more, and waits for who is inside. */
    void close() {
        closing = true;
        // Whoever went in before the store above holds the lock; whoever comes later sees it.
        inside.lock();
        try {
            closing = true;
        } finally {
            inside.unlock();
        }
    }

    void open() {
        closing = false;
    }
}
