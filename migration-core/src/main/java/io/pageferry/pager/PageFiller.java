package io.pageferry.pager;

import io.pageferry.page.PageRange;
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
    boolean fill(PageRange pages, MemorySegment content);

    /**
     * Fills pages with zeroes.
     *
     * @return false if the program is gone
     */
    boolean fillZeroes(PageRange pages);
}
