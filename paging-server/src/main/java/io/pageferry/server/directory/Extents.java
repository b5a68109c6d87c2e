package io.pageferry.server.directory;

import static io.pageferry.server.directory.ExtentLayout.LAST_CHANGE;
import static io.pageferry.server.directory.ExtentLayout.LONG;
import static io.pageferry.server.directory.ExtentLayout.STAMPS;
import static io.pageferry.server.directory.ExtentLayout.WRITTEN;

import java.lang.foreign.MemorySegment;

/**
 * Atomic operations on the words of extents, in place. {@code entry} is an entry's offset, {@code first} and {@code end}
 * count pages within the extent (0 to 256).
 */
final class Extents {
    private final MemorySegment memory;

    Extents(MemorySegment memory) {
        this.memory = memory;
    }

    /** Sets the pages' bits; returns how many were not set before. */
    int setWritten(long entry, int first, int end) {
        int added = 0;
        for (int page = first; page < end; page = nextWord(page)) {
            long at = wordAt(entry, page);
            long mask = mask(page, end);
            // Most writes are to pages written before: then nothing is stored.
            if (((long) LONG.getVolatile(memory, at) & mask) != mask) {
                added += Long.bitCount(mask & ~(long) LONG.getAndBitwiseOr(memory, at, mask));
            }
        }
        return added;
    }

    /** Clears the pages' bits; returns how many were set before. */
    int clearWritten(long entry, int first, int end) {
        int removed = 0;
        for (int page = first; page < end; page = nextWord(page)) {
            long at = wordAt(entry, page);
            long mask = mask(page, end);
            if (((long) LONG.getVolatile(memory, at) & mask) != 0) {
                removed += Long.bitCount(mask & (long) LONG.getAndBitwiseAnd(memory, at, ~mask));
            }
        }
        return removed;
    }

    /** Raises the pages' sequence numbers to {@code stamp}, and then the extent's. */
    void stamp(long entry, int first, int end, long stamp) {
        for (int page = first; page < end; page++) {
            raise(entry + STAMPS + (long) page * Long.BYTES, stamp);
        }
        raise(entry + LAST_CHANGE, stamp);
    }

    /** The 64 bits of the pages around {@code page}. */
    long writtenWord(long entry, int page) {
        return (long) LONG.getVolatile(memory, wordAt(entry, page));
    }

    boolean isWritten(long entry, int page) {
        return (writtenWord(entry, page) & (1L << page)) != 0;
    }

    long stampOf(long entry, int page) {
        return (long) LONG.getVolatile(memory, entry + STAMPS + (long) page * Long.BYTES);
    }

    long lastChange(long entry) {
        return (long) LONG.getVolatile(memory, entry + LAST_CHANGE);
    }

    int writtenPages(long entry) {
        int pages = 0;
        for (int page = 0; page < ExtentLayout.PAGES_PER_EXTENT; page += Long.SIZE) {
            pages += Long.bitCount(writtenWord(entry, page));
        }
        return pages;
    }

    /** A number never falls, not even for a moment: a slow writer must not hide the stamp of a later one. */
    private void raise(long at, long stamp) {
        long found = (long) LONG.getVolatile(memory, at);
        while (found < stamp) {
            long witness = (long) LONG.compareAndExchange(memory, at, found, stamp);
            if (witness == found) {
                return;
            }
            found = witness;
        }
    }

    private static long wordAt(long entry, int page) {
        return entry + WRITTEN + (page >> 6) * (long) Long.BYTES;
    }

    private static int nextWord(int page) {
        return (page | (Long.SIZE - 1)) + 1;
    }

    private static long mask(int page, int end) {
        long fromPage = -1L << page;
        return end >= nextWord(page) ? fromPage : fromPage & ~(-1L << end);
    }
}
