package io.pageferry.nbd.client;

import org.jspecify.annotations.Nullable;

/**
 * Which bytes of a READ have arrived. Chunks may come in any order, but must not overlap, and must cover the range
 * (proto.md, {@code NBD_CMD_READ}). Chunks in ascending order, the usual case, cost two comparisons.
 */
final class ReadCoverage {
    private final long start;
    private final long end;
    /** Everything before it has arrived. */
    private long next;
    /** What arrived out of order; null while all came in order. */
    private @Nullable ByteRanges scattered;

    ReadCoverage(long start, long lengthBytes) {
        this.start = start;
        this.end = start + lengthBytes;
        this.next = start;
    }

    void clear() {
        next = start;
        scattered = null;
    }

    /** Records a chunk; throws where it lies outside the request or overlaps an earlier one. */
    void add(long offset, long lengthBytes) throws NbdProtocolException {
        if (offset < start || lengthBytes <= 0 || lengthBytes > end - offset) {
            throw new NbdProtocolException("the server sent " + lengthBytes + " bytes at " + offset
                    + " in answer to a read of " + (end - start) + " at " + start);
        }
        if (offset == next && scattered == null) {
            next += lengthBytes;
            return;
        }
        if (scattered == null) {
            scattered = new ByteRanges();
        }
        if (offset < next || scattered.overlaps(offset, offset + lengthBytes)) {
            throw new NbdProtocolException("the server sent the data at " + offset + " twice in one answer");
        }
        scattered.add(offset, offset + lengthBytes);
    }

    boolean isComplete() {
        if (scattered == null) {
            return next == end;
        }
        var ranges = scattered.toList();
        return ranges.size() == 1
                && ranges.getFirst().offset() == next
                && ranges.getFirst().end() == end;
    }
}
