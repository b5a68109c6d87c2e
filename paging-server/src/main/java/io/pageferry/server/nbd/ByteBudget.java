package io.pageferry.server.nbd;

import java.util.ArrayDeque;
import java.util.Queue;

/** A bound on memory that many connections share. Who does not get a share is called once some is given back. */
final class ByteBudget {
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private long available;

    ByteBudget(long sizeBytes) {
        available = sizeBytes;
    }

    /** Takes a share, or remembers whom to call when it is worth trying again. */
    synchronized boolean tryTake(long bytes, Runnable retry) {
        if (available >= bytes) {
            available -= bytes;
            return true;
        }
        waiting.add(retry);
        return false;
    }

    void giveBack(long bytes) {
        Runnable[] retries;
        synchronized (this) {
            available += bytes;
            retries = waiting.toArray(Runnable[]::new);
            waiting.clear();
        }
        for (Runnable retry : retries) {
            retry.run();
        }
    }
}
