package io.pageferry.path;

import java.lang.foreign.MemorySegment;

/**
 * The way out: from partition memory to a paging space under lease. Offsets are bytes in the space, multiples of the page
 * size. One thread uses it.
 *
 * <p>Every method throws {@link PagePathException} if the path has failed for good; a write that was fenced says so.
 */
public interface PagePathOut extends AutoCloseable {
    /**
     * Writes bytes at an offset. May return before they are taken from memory: what reaches the space is then what memory
     * holds at some moment until {@link #await}.
     */
    void write(long offset, MemorySegment from);

    /**
     * Tells that about all of a range is going to be written soon, so that room can be made for it at once. It need not come true.
     */
    default void expect(long offset, long length) {}

    /** Makes a range read as zeroes and gives its storage back. */
    void discard(long offset, long length);

    /** Returns once every write before is in the space. */
    void await();

    /** Returns once every write before is durable. */
    void flush();

    @Override
    void close();
}
