package io.pageferry.server.nbd;

import java.util.Map;
import java.util.TreeMap;

/**
 * When a connection last asked about which pages ({@code pageferry:written-since}), as samples of the directory's
 * sequence. Pages that were never asked about have the sample that the
 * connection began with; with 0, everything that was ever written is newer.
 *
 * <p>Invariant: a page's sample was taken before the scan whose answer told about the page, so a change that this scan
 * did not see is newer than the sample and is told next time.
 */
final class WrittenSince {
    /** So many ranges are remembered apart; a client that asks in more pieces is told about changes again. */
    static final int MAX_RANGES = 4096;

    private record Asked(long end, long sample) {}

    private final long begin;
    private final TreeMap<Long, Asked> ranges = new TreeMap<>();

    /** @param begin the sample of everything that was not asked about */
    WrittenSince(long begin) {
        this.begin = begin;
    }

    /** Receives the parts of a range that have one sample each. */
    interface PartVisitor {
        void part(long firstPage, long pageCount, long sample);
    }

    void parts(long firstPage, long pageCount, PartVisitor visitor) {
        long end = firstPage + pageCount;
        long page = firstPage;
        Map.Entry<Long, Asked> before = ranges.floorEntry(firstPage);
        if (before != null && before.getValue().end() > firstPage) {
            long partEnd = Math.min(before.getValue().end(), end);
            visitor.part(page, partEnd - page, before.getValue().sample());
            page = partEnd;
        }
        for (Map.Entry<Long, Asked> range : ranges.subMap(page, end).entrySet()) {
            if (range.getKey() > page) {
                visitor.part(page, range.getKey() - page, begin);
            }
            page = Math.min(range.getValue().end(), end);
            visitor.part(range.getKey(), page - range.getKey(), range.getValue().sample());
        }
        if (page < end) {
            visitor.part(page, end - page, begin);
        }
    }

    /** The client has been told about a range by a scan that followed this sample. */
    void asked(long firstPage, long pageCount, long sample) {
        long end = firstPage + pageCount;
        cut(firstPage);
        cut(end);
        ranges.subMap(firstPage, end).clear();
        ranges.put(firstPage, new Asked(end, sample));
        if (ranges.size() > MAX_RANGES) {
            forget();
        }
    }

    private void cut(long page) {
        Map.Entry<Long, Asked> before = ranges.lowerEntry(page);
        if (before != null && before.getValue().end() > page) {
            ranges.put(before.getKey(), new Asked(page, before.getValue().sample()));
            ranges.put(page, before.getValue());
        }
    }

    /** Joins all ranges into one with the oldest sample, which tells too much and never too little. */
    private void forget() {
        long oldest = Long.MAX_VALUE;
        long first = ranges.firstKey();
        long end = first;
        for (Map.Entry<Long, Asked> range : ranges.entrySet()) {
            oldest = range.getKey() > end
                    ? begin
                    : Math.min(oldest, range.getValue().sample());
            end = range.getValue().end();
        }
        ranges.clear();
        ranges.put(first, new Asked(end, oldest));
    }
}
