package io.pageferry.server.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.pageferry.nbd.NbdError;
import io.pageferry.server.pool.PagingSpace;
import org.jspecify.annotations.Nullable;

/** WRITE: into the mapping at once where nothing can block, otherwise through a buffer and a worker. */
final class WriteCommand {
    /** A payload of which so much has not arrived yet is received straight to its place. */
    static final int DIRECT_BYTES = 16 << 10;

    private final NbdConnection connection;
    private final PagingSpace space;
    private final Replies replies;
    private final Offload offload;
    private final SyncCommand syncs;
    private final ServerContext server;

    WriteCommand(NbdConnection connection, Replies replies, Offload offload, SyncCommand syncs, ServerContext server) {
        this.connection = connection;
        this.space = connection.space();
        this.replies = replies;
        this.offload = offload;
        this.syncs = syncs;
        this.server = server;
    }

    /** Whether writes need a share of the memory for buffered writes. */
    boolean isBuffered() {
        return space.mayBlock();
    }

    /** Stores a payload that has arrived whole, from the buffer behind its header. */
    void run(Request request, ByteBuf in, ByteBufAllocator allocator) {
        if (isBuffered()) {
            Payload payload = receive(request, allocator);
            payload.take(in);
            payload.complete();
            return;
        }
        int length = (int) request.length();
        int end = in.readerIndex() + length;
        NbdError error = null;
        try {
            store(in, request.offset(), length);
        } catch (RuntimeException | InternalError e) {
            error = Failures.errorFor(connection, e);
        }
        in.readerIndex(end);
        landed(request, error);
    }

    /** Begins to receive a payload that has not arrived whole. */
    Payload receive(Request request, ByteBufAllocator allocator) {
        Request kept = request.kept();
        if (!isBuffered()) {
            return new MappedPayload(connection, kept, this);
        }
        int length = (int) request.length();
        return new BufferedPayload(kept, allocator.directBuffer(length, length), this);
    }

    /** All of a payload is in its place, or went nowhere because of the error. */
    void landed(Request request, @Nullable NbdError error) {
        server.metrics().bytesIn(request.length());
        if (error != null) {
            replies.failure(request, error, messageOf(error));
        } else {
            syncs.finish(request);
        }
    }

    /** Has a worker store a received payload. */
    void store(Request request, ByteBuf payload) {
        Runnable work = () -> store(payload.duplicate(), request.offset(), payload.readableBytes());
        offload.run(server.workers().data(), request, work, (stored, error) -> {
            giveBack(stored, payload);
            landed(stored, error);
        });
    }

    void giveBack(Request request, ByteBuf payload) {
        payload.release();
        server.bufferedWrites().giveBack(request.length());
    }

    private void store(ByteBuf from, long offset, int length) {
        if (length == 0) {
            return;
        }
        long ticket = space.enter();
        try {
            connection.requireWriting();
            space.ensureAllocated(offset, length);
            try {
                RawMemory.store(from, space.memory(), offset, length);
            } finally {
                space.markWritten(offset, length); // also what a fault cut off
            }
        } finally {
            space.leave(ticket);
        }
    }

    private static String messageOf(NbdError error) {
        return error.hint();
    }
}
