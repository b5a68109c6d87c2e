package io.pageferry.server.nbd;

import io.pageferry.nbd.ChunkType;
import io.pageferry.nbd.CommandFlags;
import io.pageferry.nbd.ExtentFlags;
import io.pageferry.server.directory.PageDirectory;
import io.pageferry.server.pool.PagingSpace;
import java.util.List;

/** BLOCK_STATUS (proto.md, "Metadata querying"): what the page directory knows, in extents. */
final class StatusCommand {
    private static final int PAGE_BYTES = PagingSpace.PAGE_BYTES;
    private static final long PORTION_PAGES = 4096; // looked up at once, before asking whether the reply is full

    private final NbdConnection connection;
    private final Replies replies;
    private final PageDirectory directory;
    private final WrittenSince writtenSince;

    StatusCommand(NbdConnection connection, Replies replies) {
        this.connection = connection;
        this.replies = replies;
        directory = connection.space().directory();
        writtenSince = new WrittenSince(connection.export().since());
    }

    /** Replies with a chunk for each context that was negotiated. */
    void run(Request request) {
        List<MetaContext> contexts = connection.contexts();
        for (int i = 0; i < contexts.size(); i++) {
            MetaContext context = contexts.get(i);
            ExtentList extents = new ExtentList(request.has(CommandFlags.REQ_ONE) ? 1 : ExtentList.MAX_EXTENTS);
            switch (context) {
                case ALLOCATION -> scan(request, extents, (first, count) -> allocation(request, first, count, extents));
                case WRITTEN_SINCE -> writtenSince(request, extents);
            }
            int flags = i == contexts.size() - 1 ? ChunkType.FLAG_DONE : 0;
            replies.extents(flags, request.cookie(), context.id(), extents.lengthsAndFlags(), extents.count());
        }
    }

    private interface Portion {
        void add(long firstPage, long pageCount);
    }

    private static void scan(Request request, ExtentList extents, Portion portion) {
        long end = endPage(request);
        for (long page = firstPage(request); page < end && !extents.isFull(); page += PORTION_PAGES) {
            portion.add(page, Math.min(PORTION_PAGES, end - page));
        }
    }

    private void allocation(Request request, long firstPage, long pageCount, ExtentList extents) {
        directory.runs(
                firstPage,
                pageCount,
                (first, count, written) -> extents.add(
                        bytesWithin(request, first, count), written ? 0 : ExtentFlags.HOLE | ExtentFlags.ZERO));
    }

    private void writtenSince(Request request, ExtentList extents) {
        long sample = directory.sequence(); // before the scan: see WrittenSince
        scan(
                request,
                extents,
                (first, count) -> writtenSince.parts(
                        first,
                        count,
                        (partFirst, partCount, since) -> directory.runsChangedSince(
                                since,
                                partFirst,
                                partCount,
                                (runFirst, runCount, changed, written) -> extents.add(
                                        bytesWithin(request, runFirst, runCount),
                                        (changed ? ExtentFlags.CHANGED : 0) | (written ? 0 : ExtentFlags.NOW_HOLE)))));
        // Told about are the pages that the reply covers whole; of a part of a page, the other part was not asked.
        long toldEnd = request.offset() + extents.length();
        boolean toTheEnd = toldEnd == connection.space().sizeBytes();
        long first = (request.offset() + PAGE_BYTES - 1) / PAGE_BYTES;
        long end = toTheEnd ? (toldEnd + PAGE_BYTES - 1) / PAGE_BYTES : toldEnd / PAGE_BYTES;
        if (first < end) {
            writtenSince.asked(first, end - first, sample);
        }
    }

    private static long firstPage(Request request) {
        return request.offset() / PAGE_BYTES;
    }

    private static long endPage(Request request) {
        return (request.offset() + request.length() + PAGE_BYTES - 1) / PAGE_BYTES;
    }

    private static long bytesWithin(Request request, long firstPage, long pageCount) {
        long from = Math.max(request.offset(), firstPage * PAGE_BYTES);
        long to = Math.min(request.offset() + request.length(), (firstPage + pageCount) * PAGE_BYTES);
        return to - from;
    }
}
