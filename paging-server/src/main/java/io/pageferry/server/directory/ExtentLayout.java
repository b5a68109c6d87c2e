package io.pageferry.server.directory;

import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * The bytes of one directory entry: what is known of an extent of 256 neighbouring pages. Every field is one or more
 * 64-bit words in the machine's byte order, aligned to 8 bytes. See "Page directory" in {@code docs/formats.md}.
 */
final class ExtentLayout {
    static final int PAGES_PER_EXTENT = 256;
    static final int EXTENT_SHIFT = 8;

    /** Tells an entry from anything else, and which extent it is of: {@link #tag}. */
    static final long TAG = 0;
    /** The largest of the pages' sequence numbers, so that a reader passes over extents that did not change. */
    static final long LAST_CHANGE = 8;
    /** Four words, a bit a page: set while the page holds data. */
    static final long WRITTEN = 16;
    /** 256 words, one a page: the sequence number of its last change. */
    static final long STAMPS = WRITTEN + PAGES_PER_EXTENT / Byte.SIZE;

    static final int SIZE_BYTES = (int) STAMPS + PAGES_PER_EXTENT * Long.BYTES;

    static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    private static final long MAGIC = 0x5046_4558_0000_0000L; // "PFEX"

    private ExtentLayout() {}

    static long tag(long extentIndex) {
        return MAGIC ^ extentIndex;
    }

    static long extentOf(long pageIndex) {
        return pageIndex >> EXTENT_SHIFT;
    }

    static long firstPageOf(long extentIndex) {
        return extentIndex << EXTENT_SHIFT;
    }

    static long extentCount(long pageCount) {
        return (pageCount + PAGES_PER_EXTENT - 1) >> EXTENT_SHIFT;
    }
}
