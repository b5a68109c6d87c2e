package io.pageferry.pager;

import io.pageferry.page.PageRange;
import io.pageferry.page.PageRangeVisitor;
import java.lang.foreign.MemorySegment;

/** Puts content into missing pages of a partition. Thread-safe. */
public interface PageFiller {
    /**
     * Fills pages. Returns when they are there.
     *
     * @param content native memory, 4096 bytes for each page, alive during the call
     * @return false if the program is gone
     * @throws IllegalArgumentException if the content is on the heap or of another length, or the range is not within the memory
     */
    default boolean fill(PageRange pages, MemorySegment content) {
        return fill(pages, content, (_, _) -> {});
    }

    /**
     * As {@link #fill(PageRange, MemorySegment)}.
     *
     * @param copied is told of what this call has put in place, and of no page that was there before it
     */
    boolean fill(PageRange pages, MemorySegment content, PageRangeVisitor copied);

    /**
     * Fills pages with zeroes.
     *
     * @return false if the program is gone
     */
    boolean fillZeroes(PageRange pages);
}
