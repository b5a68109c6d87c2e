package io.pageferry.server.nbd;

import io.netty.channel.DefaultFileRegion;
import io.pageferry.server.pool.PagingSpace;

/**
 * A part of a space on its way to a client, sent from the page cache by {@code sendfile(2)}: no copy into our memory, and
 * a page that is discarded meanwhile reads as zeroes without being allocated. The space stays open until it is sent.
 */
final class SpaceRegion extends DefaultFileRegion {
    private final PagingSpace space;

    private SpaceRegion(PagingSpace space, long offset, long length) {
        super(space.channel(), offset, length);
        this.space = space;
    }

    static SpaceRegion of(PagingSpace space, long offset, long length) {
        if (!space.uses().tryAcquire()) {
            throw new IllegalStateException("the connection itself keeps the space open");
        }
        return new SpaceRegion(space, offset, length);
    }

    /** The file belongs to the space, so it stays open. */
    @Override
    protected void deallocate() {
        space.uses().release();
    }
}
