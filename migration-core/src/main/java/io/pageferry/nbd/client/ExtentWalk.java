package io.pageferry.nbd.client;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Asks for block status until a whole range is answered for: one answer may stop short (proto.md, BLOCK_STATUS). */
public final class ExtentWalk {
    private static final long MAX_QUESTION_BYTES = 1L << 30;

    private ExtentWalk() {}

    /**
     * The extents of one context over a range, in order and within it; neighbours of the same flags are one. Completes on
     * an event loop.
     */
    public static CompletableFuture<List<Extent>> extents(
            NbdClient client, String context, long offset, long lengthBytes) {
        return walk(client, context, offset, offset + lengthBytes, new ArrayList<>());
    }

    private static CompletableFuture<List<Extent>> walk(
            NbdClient client, String context, long from, long end, List<Extent> found) {
        if (from >= end) {
            return CompletableFuture.completedFuture(found);
        }
        return client.blockStatus(from, Math.min(end - from, MAX_QUESTION_BYTES), 0)
                .thenCompose(status -> {
                    long next = from;
                    for (Extent extent : status.extents(context)) {
                        long stop = Math.min(extent.end(), end);
                        append(found, new Extent(next, stop - next, extent.flags()));
                        next = stop;
                    }
                    return walk(client, context, next, end, found);
                });
    }

    private static void append(List<Extent> found, Extent extent) {
        Extent last = found.isEmpty() ? null : found.getLast();
        if (last != null && last.flags() == extent.flags() && last.end() == extent.offset()) {
            found.set(
                    found.size() - 1,
                    new Extent(last.offset(), last.lengthBytes() + extent.lengthBytes(), last.flags()));
        } else if (extent.lengthBytes() > 0) {
            found.add(extent);
        }
    }
}
