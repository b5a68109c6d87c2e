package io.pageferry.server.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/** The data of a WRITE while it is being received. Event loop only. */
interface Payload {
    /** Bytes that have not arrived yet. */
    long missing();

    /** Takes what a buffer holds of it, and moves the buffer. */
    void take(ByteBuf in);

    /** A buffer to receive the next piece into, or null to receive it elsewhere and {@link #take} it. */
    @Nullable
    ByteBuf target(ByteBufAllocator allocator);

    /** The receive call into {@link #target} has ended; called once for each target. */
    void received(int bytes);

    /** All of it has arrived. */
    void complete();

    /** It will never be complete. */
    void abandon();
}
