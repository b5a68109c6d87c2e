package io.pageferry.server.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.pageferry.nbd.NbdError;
import io.pageferry.server.pool.PagingSpace;
import org.jspecify.annotations.Nullable;

/**
 * A payload that is received by the kernel straight into the space's mapping.
 *
 * <p>Invariant: a piece lands only inside the space's gate, after asking there for the right to write, on storage that
 * is allocated, and is marked written before the gate is left. So a fence never returns with a piece in flight, a
 * discard never takes the storage from under one, and a payload that is cut off leaves no byte unmarked. Between two
 * pieces nothing is held, however long the client takes.
 */
final class MappedPayload implements Payload {
    private static final long OUTSIDE = 0;

    private final NbdConnection connection;
    private final PagingSpace space;
    private final Request request;
    private final WriteCommand command;
    private long at;
    private final long end;
    private long ticket = OUTSIDE;
    private @Nullable NbdError error;

    MappedPayload(NbdConnection connection, Request request, WriteCommand command) {
        this.connection = connection;
        this.request = request;
        this.command = command;
        space = connection.space();
        at = request.offset();
        end = at + request.length();
    }

    @Override
    public long missing() {
        return end - at;
    }

    @Override
    public void take(ByteBuf in) {
        int length = (int) Math.min(missing(), in.readableBytes());
        if (error != null || !enter()) {
            in.skipBytes(length);
            at += length;
            return;
        }
        try {
            RawMemory.store(in, space.memory(), at, length);
        } finally {
            received(length);
        }
    }

    @Override
    public @Nullable ByteBuf target(ByteBufAllocator allocator) {
        if (error != null || !enter()) {
            return null;
        }
        ByteBuf target =
                Unpooled.wrappedBuffer(space.memory().asSlice(at, missing()).asByteBuffer());
        return target.setIndex(0, 0);
    }

    @Override
    public void received(int bytes) {
        if (ticket == OUTSIDE) {
            return;
        }
        try {
            if (bytes > 0) {
                space.markWritten(at, bytes);
                at += bytes;
            }
        } finally {
            space.leave(ticket);
            ticket = OUTSIDE;
        }
    }

    @Override
    public void complete() {
        command.landed(request, error);
    }

    @Override
    public void abandon() {
        received(0);
    }

    /** Enters the gate for one piece; or notes why nothing may land, in which case the rest is skipped. */
    private boolean enter() {
        ticket = space.enter();
        try {
            connection.requireWriting();
            space.ensureAllocated(at, missing());
            return true;
        } catch (RuntimeException e) {
            space.leave(ticket);
            ticket = OUTSIDE;
            error = Failures.errorFor(connection, e);
            return false;
        }
    }
}
