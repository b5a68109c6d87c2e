package io.pageferry.server.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** A payload for a space whose device may be slow: received into a buffer, which a worker stores. */
final class BufferedPayload implements Payload {
    private final Request request;
    private final ByteBuf buffer;
    private final WriteCommand command;

    /** @param buffer with exactly the capacity of the payload; taken over */
    BufferedPayload(Request request, ByteBuf buffer, WriteCommand command) {
        this.request = request;
        this.buffer = buffer;
        this.command = command;
    }

    @Override
    public long missing() {
        return request.length() - buffer.writerIndex();
    }

    @Override
    public void take(ByteBuf in) {
        buffer.writeBytes(in, (int) Math.min(missing(), in.readableBytes()));
    }

    @Override
    public ByteBuf target(ByteBufAllocator allocator) {
        return buffer.retain(); // the receive call appends to it
    }

    @Override
    public void received(int bytes) {
        // the buffer's own writer index has moved
    }

    @Override
    public void complete() {
        command.store(request, buffer);
    }

    @Override
    public void abandon() {
        command.giveBack(request, buffer);
    }
}
