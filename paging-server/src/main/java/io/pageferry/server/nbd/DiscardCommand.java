package io.pageferry.server.nbd;

import io.pageferry.nbd.CommandFlags;
import io.pageferry.nbd.CommandType;
import io.pageferry.nbd.NbdError;
import io.pageferry.server.pool.PagingSpace;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** TRIM and WRITE_ZEROES: storage is given back, unless NO_HOLE asks to keep it. Long ranges go to a worker. */
final class DiscardCommand {
    private static final long SHORT_BYTES = 256 << 10;

    private final NbdConnection connection;
    private final PagingSpace space;
    private final Replies replies;
    private final Offload offload;
    private final SyncCommand syncs;
    private final Executor workers;

    DiscardCommand(
            NbdConnection connection, Replies replies, Offload offload, SyncCommand syncs, ServerContext server) {
        this.connection = connection;
        this.space = connection.space();
        this.replies = replies;
        this.offload = offload;
        this.syncs = syncs;
        workers = server.workers().data();
    }

    void run(Request request) {
        if (request.has(CommandFlags.FAST_ZERO) && !space.canZeroFast(request.has(CommandFlags.NO_HOLE))) {
            replies.failure(request, NbdError.ENOTSUP, "zeroing without making a hole is as slow as writing");
            return;
        }
        if (space.mayBlock() || request.length() > SHORT_BYTES) {
            Request kept = request.kept();
            offload.run(workers, kept, () -> change(kept), this::finish);
            return;
        }
        NbdError error = null;
        try {
            change(request);
        } catch (RuntimeException | InternalError e) {
            error = Failures.errorFor(connection, e);
        }
        finish(request, error);
    }

    private void change(Request request) {
        if (request.type() == CommandType.TRIM) {
            space.discard(request.offset(), request.length(), connection::requireWriting);
        } else {
            boolean keepAllocated = request.has(CommandFlags.NO_HOLE);
            space.zero(request.offset(), request.length(), keepAllocated, connection::requireWriting);
        }
    }

    private void finish(Request request, @Nullable NbdError error) {
        if (error == null) {
            syncs.finish(request);
        } else {
            replies.failure(request, error, error.hint());
        }
    }
}
