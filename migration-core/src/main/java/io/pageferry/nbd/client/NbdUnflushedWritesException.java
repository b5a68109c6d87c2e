package io.pageferry.nbd.client;

import java.util.List;

/**
 * A flush cannot promise anything about these ranges: they were acknowledged, but a connection was lost before a flush
 * covered them, so a server that crashed with its machine may have forgotten them. Write them again, then flush again.
 */
public final class NbdUnflushedWritesException extends NbdFailure {
    private static final long serialVersionUID = 1;

    private final transient List<ByteRange> ranges;

    NbdUnflushedWritesException(List<ByteRange> ranges) {
        super(ranges.size() + " ranges were acknowledged but not flushed when a connection was lost, the first of them "
                + ranges.getFirst() + ": write them again, then flush again");
        this.ranges = List.copyOf(ranges);
    }

    /** What to write again: disjoint, ascending, never empty. */
    public List<ByteRange> ranges() {
        return ranges;
    }
}
