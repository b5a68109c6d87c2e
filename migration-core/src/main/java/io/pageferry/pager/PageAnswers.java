package io.pageferry.pager;

import io.pageferry.page.PageRange;
import java.lang.foreign.MemorySegment;

/**
 * Takes what a {@link PageSource} found. Thread-safe. An answer for a page that nobody waits for any more is counted and
 * dropped: the page may have been filled, written and released since.
 */
public interface PageAnswers {
    /**
     * The content of pages.
     *
     * @param content native memory, 4096 bytes for each page; used during the call only
     * @throws IllegalArgumentException if the content is on the heap or of another length, or the range is not within the memory
     */
    void content(PageRange pages, MemorySegment content);

    /** The pages hold zeroes. */
    void zeroes(PageRange pages);

    /** The pages cannot be had now; they are asked for again as the {@link RetryPolicy} says. */
    void failed(PageRange pages, Throwable cause);
}
