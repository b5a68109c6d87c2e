package io.pageferry.server.nbd;

import io.pageferry.nbd.NbdError;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** Runs what may block on workers, and counts what is under way. Event loop only, but for the work itself. */
final class Offload {
    private final NbdConnection connection;
    private final Completions completions;
    private int inFlight;

    Offload(NbdConnection connection, Completions completions) {
        this.connection = connection;
        this.completions = completions;
    }

    int inFlight() {
        return inFlight;
    }

    /** Runs work for a request (kept by the caller), then the finish on the event loop. */
    void run(Executor workers, Request request, Runnable work, Completions.Finish finish) {
        inFlight++;
        Completions.Finish counted = (done, error) -> {
            inFlight--;
            finish.finish(done, error);
        };
        try {
            workers.execute(() -> {
                NbdError error = null;
                try {
                    work.run();
                } catch (RuntimeException | InternalError e) {
                    // InternalError is what the JVM makes of a fault in mapped memory.
                    error = Failures.errorFor(connection, e);
                }
                completions.add(request, error, counted);
            });
        } catch (RejectedExecutionException e) {
            completions.add(request, NbdError.ESHUTDOWN, counted);
        }
    }
}
