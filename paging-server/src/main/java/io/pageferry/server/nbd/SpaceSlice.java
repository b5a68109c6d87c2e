package io.pageferry.server.nbd;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledUnsafeDirectByteBuf;
import io.pageferry.server.pool.PagingSpace;

/**
 * A part of a space's mapping on its way to a client: the kernel copies it from there into the socket, and nobody copies
 * it before. (Sending it by {@code sendfile(2)} costs this side as much, and the receiver a third more.)
 *
 * <p>Invariant: the mapping stays while a slice of it is unsent, for the slice uses the space until it is released.
 */
final class SpaceSlice extends UnpooledUnsafeDirectByteBuf {
    private final PagingSpace space;

    /** Lends a written range, inside the space's gate. */
    SpaceSlice(PagingSpace space, long offset, int length) {
        super(UnpooledByteBufAllocator.DEFAULT, space.lend(offset, length), length);
        this.space = space;
    }

    @Override
    protected void deallocate() {
        super.deallocate();
        space.takeBack();
    }
}
