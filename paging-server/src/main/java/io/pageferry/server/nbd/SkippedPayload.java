package io.pageferry.server.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.pageferry.nbd.NbdError;
import org.jspecify.annotations.Nullable;

/** A payload that was refused with its header: read past, then answered. */
final class SkippedPayload implements Payload {
    private final Request request;
    private final NbdError error;
    private final WriteCommand command;
    private long missing;

    SkippedPayload(Request request, NbdError error, WriteCommand command) {
        this.request = request;
        this.error = error;
        this.command = command;
        missing = request.length();
    }

    @Override
    public long missing() {
        return missing;
    }

    @Override
    public void take(ByteBuf in) {
        int length = (int) Math.min(missing, in.readableBytes());
        in.skipBytes(length);
        missing -= length;
    }

    @Override
    public @Nullable ByteBuf target(ByteBufAllocator allocator) {
        return null;
    }

    @Override
    public void received(int bytes) {
        // never received into a target
    }

    @Override
    public void complete() {
        command.landed(request, error);
    }

    @Override
    public void abandon() {
        // nothing is held
    }
}
