package io.pageferry.server.http;

import java.util.HashSet;
import java.util.Set;

/**
 * The threads that are inside the handler of a long poll. Invariant: a thread is interrupted only between {@link #enter} and
 * {@link #leave} of a route that waits, so that an interrupt ends a long poll but never the sending of a reply, nor a step that
 * is being made durable: a {@link java.nio.channels.FileChannel} closes under a thread that is interrupted.
 */
final class InFlight {
    private final Set<Thread> threads = new HashSet<>();
    private boolean stopping;

    /** Throws 503 when the server is stopping. */
    synchronized void enter(Route route) {
        if (stopping) {
            throw stopping();
        }
        if (route.waits()) threads.add(Thread.currentThread());
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
