package io.pageferry.nbd.client;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Back-pressure: bounds the requests in flight, and their bytes, by making callers wait. */
final class InFlightLimit {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final int maxRequests;
    private final long maxBytes;
    private int requests;
    private long sumBytes;
    private boolean lifted;

    InFlightLimit(int maxRequests, long maxBytes) {
        this.maxRequests = maxRequests;
        this.maxBytes = maxBytes;
    }

    /** Takes room for a request, waiting for it where {@code mayWait}. A request larger than the limit goes alone. */
    void acquire(long bytes, boolean mayWait) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (mayWait && !lifted && requests > 0 && (requests >= maxRequests || sumBytes + bytes > maxBytes)) {
                room.await();
            }
            requests++;
            sumBytes += bytes;
        } finally {
            lock.unlock();
        }
    }

    void release(long bytes) {
        lock.lock();
        try {
            requests--;
            sumBytes -= bytes;
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Lets everybody pass from now on: what they send will fail at once. */
    void lift() {
        lock.lock();
        try {
            lifted = true;
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until nothing is in flight, or until the time is up; tells which. */
    boolean awaitIdle(long limitNs) throws InterruptedException {
        lock.lock();
        try {
            for (long leftNs = limitNs; requests > 0; ) {
                if (leftNs <= 0) {
                    return false;
                }
                leftNs = room.awaitNanos(leftNs);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }
}
