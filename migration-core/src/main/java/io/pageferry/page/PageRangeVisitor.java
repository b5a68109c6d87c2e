package io.pageferry.page;

/** Receives ranges of pages without an object a range. */
@FunctionalInterface
public interface PageRangeVisitor {
    void range(long firstPage, long pageCount);
}
