package io.pageferry.server.nbd;

import io.pageferry.nbd.CommandType;
import io.pageferry.nbd.NbdError;

/** The commands of one connection, by type; WRITE apart, since it has a payload. */
final class Commands {
    private final ServerContext server;
    private final NbdConnection connection;
    private final Replies replies;
    private final Offload offload;
    private final ReadCommand reads;
    private final WriteCommand writes;
    private final SyncCommand syncs;
    private final DiscardCommand discards;
    private final StatusCommand statuses;

    Commands(ServerContext server, NbdConnection connection, Replies replies, Offload offload) {
        this.server = server;
        this.connection = connection;
        this.replies = replies;
        this.offload = offload;
        reads = new ReadCommand(connection, replies, offload, server);
        syncs = new SyncCommand(connection, replies, offload, server);
        writes = new WriteCommand(connection, replies, offload, syncs, server);
        discards = new DiscardCommand(connection, replies, offload, syncs, server);
        statuses = new StatusCommand(connection, replies);
    }

    WriteCommand writes() {
        return writes;
    }

    /** Runs a request that was checked, and is neither WRITE nor DISC. */
    void run(Request request) {
        switch (request.type()) {
            case CommandType.READ -> read(request);
            case CommandType.FLUSH -> syncs.flush(request);
            case CommandType.TRIM, CommandType.WRITE_ZEROES -> discards.run(request);
            case CommandType.CACHE -> cache(request);
            case CommandType.BLOCK_STATUS -> statuses.run(request);
            default -> throw new AssertionError("checked before: " + CommandType.nameOf(request.type()));
        }
    }

    private void read(Request request) {
        try {
            reads.run(request);
        } catch (InternalError e) {
            // A fault in mapped memory after the header was written: the stream cannot be repaired (proto.md, READ).
            Failures.errorFor(connection, e);
            connection.disconnect();
        }
    }

    private void cache(Request request) {
        if (!connection.space().mayBlock()) {
            replies.success(request.cookie());
            return;
        }
        Request kept = request.kept();
        Runnable fetch = () -> Fetching.fetch(connection.space(), kept.offset(), kept.length());
        offload.run(server.workers().data(), kept, fetch, (cached, error) -> {
            if (error == null) {
                replies.success(cached.cookie());
            } else {
                replies.failure(cached, NbdError.EIO, "cannot read ahead");
            }
        });
    }
}
