package io.pageferry.server.nbd;

import io.pageferry.nbd.NbdError;
import io.pageferry.server.metrics.ServerMetrics;
import io.pageferry.server.pool.PagingSpace;
import java.util.concurrent.Executor;

/**
 * FLUSH, and the end of every change, which with FUA waits until it is durable. A sync covers the whole space, so it
 * covers what was acknowledged on every connection, which is what multi-conn promises.
 */
final class SyncCommand {
    private final PagingSpace space;
    private final Replies replies;
    private final Offload offload;
    private final Executor workers;
    private final ServerMetrics metrics;

    SyncCommand(NbdConnection connection, Replies replies, Offload offload, ServerContext server) {
        space = connection.space();
        this.replies = replies;
        this.offload = offload;
        workers = server.workers().syncing();
        metrics = server.metrics();
    }

    /** Replies to a FLUSH, once all that was acknowledged before is durable. */
    void flush(Request request) {
        offload.run(workers, request.kept(), this::sync, (flushed, error) -> {
            if (error == null) {
                replies.success(flushed.cookie());
            } else {
                replies.failure(flushed, NbdError.EIO, "the data could not be made durable");
            }
        });
    }

    /** Replies to a change that has been made. */
    void finish(Request request) {
        if (request.isFua()) {
            flush(request);
        } else {
            replies.success(request.cookie());
        }
    }

    private void sync() {
        long startNs = System.nanoTime();
        space.sync();
        metrics.flushed(System.nanoTime() - startNs);
    }
}
