package io.pageferry.server.nbd;

import io.pageferry.nbd.ChunkType;
import io.pageferry.nbd.CommandFlags;
import io.pageferry.server.directory.RunVisitor;
import io.pageferry.server.metrics.ServerMetrics;
import io.pageferry.server.pool.PagingSpace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.Executor;

/** READ: holes as holes where replies are structured; what a device would have to bring is fetched by a worker first. */
final class ReadCommand implements RunVisitor {
    private static final int PAGE_SHIFT = 12;
    private static final int MAX_PAGES = (32 << 20 >>> PAGE_SHIFT) + 1;

    private final PagingSpace space;
    private final Replies replies;
    private final Offload offload;
    private final Executor workers;
    private final ServerMetrics metrics;
    private final boolean structured;
    private final MemorySegment residency;

    // The request whose runs are visited: fields instead of a closure a request.
    private long cookie;
    private long from;
    private long to;

    ReadCommand(NbdConnection connection, Replies replies, Offload offload, ServerContext server) {
        space = connection.space();
        this.replies = replies;
        this.offload = offload;
        workers = server.workers().data();
        metrics = server.metrics();
        structured = connection.structuredReplies();
        residency = space.mayBlock() ? Arena.ofAuto().allocate(MAX_PAGES) : MemorySegment.NULL;
    }

    void run(Request request) {
        if (space.mayBlock() && !isResident(request)) {
            Request kept = request.kept();
            offload.run(workers, kept, () -> fetch(kept), (fetched, error) -> {
                if (error == null) {
                    reply(fetched);
                } else {
                    replies.failure(fetched, error, "cannot read");
                }
            });
            return;
        }
        reply(request);
    }

    private void reply(Request request) {
        int length = (int) request.length();
        metrics.bytesOut(length);
        if (!structured) {
            replies.simpleReadHeader(request.cookie(), length);
            data(request.offset(), length);
        } else if (length == 0) {
            replies.none(request.cookie());
        } else if (request.has(CommandFlags.DF)) {
            replies.dataHeader(ChunkType.FLAG_DONE, request.cookie(), request.offset(), length);
            data(request.offset(), length);
        } else {
            chunks(request);
        }
    }

    private void chunks(Request request) {
        cookie = request.cookie();
        from = request.offset();
        to = from + request.length();
        long first = from >>> PAGE_SHIFT;
        long count = ((to - 1) >>> PAGE_SHIFT) - first + 1;
        // Inside the gate: what the directory calls written stays allocated while it is copied.
        long ticket = space.enter();
        try {
            if (count == 1) {
                run(first, 1, space.directory().isWritten(first));
            } else {
                space.directory().runs(first, count, this);
            }
        } finally {
            space.leave(ticket);
        }
    }

    /** One run of the request, as a chunk. */
    @Override
    public void run(long firstPage, long pageCount, boolean written) {
        long runFrom = Math.max(from, firstPage << PAGE_SHIFT);
        long runTo = Math.min(to, (firstPage + pageCount) << PAGE_SHIFT);
        int length = (int) (runTo - runFrom);
        int flags = runTo == to ? ChunkType.FLAG_DONE : 0;
        if (!written) {
            replies.hole(flags, cookie, runFrom, length);
            return;
        }
        replies.dataHeader(flags, cookie, runFrom, length);
        if (length <= Replies.COPY_BYTES) {
            replies.copy(space, runFrom, length);
        } else {
            replies.slice(space, runFrom, length);
        }
    }

    /** Data without its structure: holes as zeroes. */
    private void data(long offset, int length) {
        long end = offset + length;
        long ticket = space.enter();
        try {
            for (long at = offset; at < end; ) {
                boolean written = space.directory().isWritten(at >>> PAGE_SHIFT);
                long runEnd = runEnd(at, end, written);
                piece(at, (int) (runEnd - at), written);
                at = runEnd;
            }
        } finally {
            space.leave(ticket);
        }
    }

    private long runEnd(long from, long end, boolean written) {
        long page = (from >>> PAGE_SHIFT) + 1;
        while (page << PAGE_SHIFT < end && space.directory().isWritten(page) == written) {
            page++;
        }
        return Math.min(page << PAGE_SHIFT, end);
    }

    private void piece(long offset, int length, boolean written) {
        if (!written) {
            replies.zeroes(length);
        } else if (length <= Replies.COPY_BYTES) {
            replies.copy(space, offset, length);
        } else {
            replies.slice(space, offset, length);
        }
    }

    private boolean isResident(Request request) {
        long start = request.offset() >>> PAGE_SHIFT << PAGE_SHIFT;
        long length = request.offset() + request.length() - start;
        return request.length() == 0 || space.mapping().isResident(start, length, residency);
    }

    /** Brings what is written into the page cache; holes are left alone. */
    private void fetch(Request request) {
        Fetching.fetch(space, request.offset(), request.length());
    }
}
