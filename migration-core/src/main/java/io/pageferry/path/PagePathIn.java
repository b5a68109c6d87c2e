package io.pageferry.path;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The way in: from a paging space to memory. Offsets are bytes in the space, multiples of the page size. Any thread may use
 * it.
 */
public interface PagePathIn extends AutoCloseable {
    /** Told when a read has ended; on a thread of the path, where it must not wait. */
    @FunctionalInterface
    interface Done {
        /**
         * The read has ended.
         *
         * @param failure null if all bytes are in memory
         */
        void done(@Nullable Throwable failure);
    }

    /** Told of ranges that changed in the space. */
    @FunctionalInterface
    interface Changed {
        /**
         * A range has changed.
         *
         * @param hole whether the range holds nothing now, and reads as zeroes
         */
        void range(long offset, long length, boolean hole);
    }

    /** Reads in bulk: may wait for room among the requests in flight. */
    void read(long offset, MemorySegment into, Done done);

    /** Reads what a thread waits for: ahead of all bulk reads. */
    void readUrgent(long offset, MemorySegment into, Done done);

    /**
     * Asks what changed in the space since the last time this was asked; the first time, all that is written.
     *
     * <p>Invariant: a range read after this was asked, and not reported by a later question that ends after the last write of
     * the space, is what the space holds.
     */
    void changed(Changed visitor);

    /**
     * Whether pages are received straight to where they belong, and are nowhere else: then a read only finds them in place, and
     * what was dropped cannot be had again.
     */
    default boolean isInPlace() {
        return false;
    }

    /**
     * Where pages are in place: the CRC32C of a page as it was received last, summed while it was in the cache still. A page whose sum
     * is of later bytes than its memory, or earlier ones, is reported as changed.
     */
    default int checksumInPlace(long pageIndex) {
        throw new UnsupportedOperationException("pages are not in place");
    }

    /** Whether a read has ended when it returns: nothing is ever under way. */
    default boolean isImmediate() {
        return false;
    }

    @Override
    void close();
}
