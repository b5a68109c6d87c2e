package io.pageferry.server.http;

import java.util.HashSet;
import java.util.Set;

/**
 * The threads that are inside a handler. Invariant: a thread is interrupted only between {@link #enter} and {@link #leave}, so
 * that an interrupt ends a long poll but never the sending of a reply (it would close the connection under it).
 */
final class InFlight {
    private final Set<Thread> threads = new HashSet<>();
    private boolean stopping;

    /** Throws 503 when the server is stopping. */
    synchronized void enter() {
        if (stopping) {
            throw stopping();
        }
        threads.add(Thread.currentThread());
    }

    synchronized void leave() {
        threads.remove(Thread.currentThread());
        Thread.interrupted(); // forgets an interrupt that came too late to be noticed by the handler
    }

    synchronized void stop() {
        stopping = true;
        threads.forEach(Thread::interrupt);
    }

    static ApiException stopping() {
        return ApiException.of(503, "the server is stopping", "try again when it is back");
    }
}
