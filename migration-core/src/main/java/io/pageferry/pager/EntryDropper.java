package io.pageferry.pager;

import io.pageferry.page.PageRange;

/**
 * Asks the program to drop its page-table entries of a range, in all its mappings ({@code MADV_DONTNEED} on a shared
 * mapping: the data stays). Returns once it has.
 */
@FunctionalInterface
public interface EntryDropper {
    void drop(PageRange pages);
}
