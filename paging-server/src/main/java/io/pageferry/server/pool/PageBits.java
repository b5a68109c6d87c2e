package io.pageferry.server.pool;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * One bit a page, in chunks that exist only where a bit was ever set, so that a sparse space of 1 TiB costs kilobytes.
 *
 * <p>One thread writes at a time; others may read meanwhile and can see a bit late. Callers make a late answer harmless.
 */
final class PageBits {
    private static final int CHUNK_SHIFT = 15;
    private static final int CHUNK_PAGES = 1 << CHUNK_SHIFT;

    private final AtomicReferenceArray<long @Nullable []> chunks;
    private final long pageCount;

    PageBits(long pageCount) {
        this.pageCount = pageCount;
        chunks = new AtomicReferenceArray<>(Math.toIntExact((pageCount + CHUNK_PAGES - 1) >>> CHUNK_SHIFT));
    }

    boolean get(long page) {
        long[] chunk = chunks.get((int) (page >>> CHUNK_SHIFT));
        return chunk != null && (chunk[word(page)] & 1L << page) != 0;
    }

    /** Whether all pages of a range are set; the common single page costs one look. */
    boolean allSet(long first, long end) {
        return end - first == 1 ? get(first) : nextClear(first, end) == end;
    }

    void set(long first, long end) {
        for (long page = first; page < end; page = wordEnd(page, end)) {
            int index = (int) (page >>> CHUNK_SHIFT);
            long[] chunk = chunks.get(index);
            if (chunk == null) {
                chunk = new long[CHUNK_PAGES / Long.SIZE];
                chunk[word(page)] = mask(page, end);
                chunks.set(index, chunk);
            } else {
                chunk[word(page)] |= mask(page, end);
            }
        }
    }

    void clear(long first, long end) {
        for (long page = first; page < end; page = wordEnd(page, end)) {
            long[] chunk = chunks.get((int) (page >>> CHUNK_SHIFT));
            if (chunk == null) {
                page = chunkEnd(page, end) - 1; // wordEnd goes on from there
            } else {
                chunk[word(page)] &= ~mask(page, end);
            }
        }
    }

    long count(long first, long end) {
        long count = 0;
        for (long page = first; page < end; page = wordEnd(page, end)) {
            long[] chunk = chunks.get((int) (page >>> CHUNK_SHIFT));
            if (chunk == null) {
                page = chunkEnd(page, end) - 1; // wordEnd goes on from there
            } else {
                count += Long.bitCount(chunk[word(page)] & mask(page, end));
            }
        }
        return count;
    }

    /** The first page from {@code first} whose bit is set, or {@code end}. */
    long nextSet(long first, long end) {
        return next(first, end, 0);
    }

    /** The first page from {@code first} whose bit is clear, or {@code end}. */
    long nextClear(long first, long end) {
        return next(first, end, -1);
    }

    private long next(long first, long end, long invert) {
        long page = first;
        while (page < end) {
            long[] chunk = chunks.get((int) (page >>> CHUNK_SHIFT));
            if (chunk == null) {
                if (invert != 0) {
                    return page;
                }
                page = chunkEnd(page, end);
                continue;
            }
            long found = (chunk[word(page)] ^ invert) & mask(page, end);
            if (found != 0) {
                return (page & -Long.SIZE) + Long.numberOfTrailingZeros(found);
            }
            page = wordEnd(page, end);
        }
        return end;
    }

    long pageCount() {
        return pageCount;
    }

    private static int word(long page) {
        return (int) (page & CHUNK_PAGES - 1) >>> 6;
    }

    private static long wordEnd(long page, long end) {
        return Math.min((page & -Long.SIZE) + Long.SIZE, end);
    }

    private static long chunkEnd(long page, long end) {
        return Math.min((page & -(long) CHUNK_PAGES) + CHUNK_PAGES, end);
    }

    /** The bits of the word of {@code page} from {@code page} up to {@code end}. */
    private static long mask(long page, long end) {
        long from = -1L << page;
        long wordStart = page & -Long.SIZE;
        return end - wordStart >= Long.SIZE ? from : from & ((1L << (end - wordStart)) - 1);
    }
}
