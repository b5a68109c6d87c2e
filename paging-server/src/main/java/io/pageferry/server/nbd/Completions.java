package io.pageferry.server.nbd;

import io.netty.util.concurrent.EventExecutor;
import io.pageferry.nbd.NbdError;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Brings finished work back to a connection's event loop, several pieces with one wake-up. */
final class Completions {
    /** What is to be done on the event loop with a finished request. */
    interface Finish {
        void finish(Request request, @Nullable NbdError error);
    }

    private record Finished(Request request, @Nullable NbdError error, Finish finish) {}

    private final Queue<Finished> finished = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final EventExecutor loop;
    private final Runnable afterwards;

    /** @param afterwards runs on the event loop after each batch */
    Completions(EventExecutor loop, Runnable afterwards) {
        this.loop = loop;
        this.afterwards = afterwards;
    }

    void add(Request request, @Nullable NbdError error, Finish finish) {
        finished.add(new Finished(request, error, finish));
        if (scheduled.compareAndSet(false, true)) {
            loop.execute(this::run);
        }
    }

    private void run() {
        // Before the first poll: whoever adds from now on schedules anew.
        scheduled.set(false);
        Finished next;
        while ((next = finished.poll()) != null) {
            next.finish().finish(next.request(), next.error());
        }
        afterwards.run();
    }
}
