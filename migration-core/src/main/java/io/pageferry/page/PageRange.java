package io.pageferry.page;

/**
 * Neighbouring pages, as page indexes (not bytes).
 *
 * @param firstPage index of the first page, from 0
 * @param pageCount how many pages, at least 1
 */
public record PageRange(long firstPage, long pageCount) implements Comparable<PageRange> {

    /** @throws IllegalArgumentException if the range is empty, begins below 0 or ends beyond {@link Long#MAX_VALUE} */
    public PageRange {
        if (firstPage < 0 || pageCount < 1 || firstPage > Long.MAX_VALUE - pageCount) {
            throw new IllegalArgumentException("not a range of pages: first " + firstPage + ", count " + pageCount);
        }
    }

    /** The range from {@code firstPage} up to and without {@code end}. */
    public static PageRange between(long firstPage, long end) {
        return new PageRange(firstPage, end - firstPage);
    }

    /** Index of the page after the last one. */
    public long end() {
        return firstPage + pageCount;
    }

    public boolean contains(long pageIndex) {
        return pageIndex >= firstPage && pageIndex < end();
    }

    public boolean overlaps(PageRange other) {
        return firstPage < other.end() && other.firstPage < end();
    }

    /** By first page, then by length. */
    @Override
    public int compareTo(PageRange other) {
        int byFirst = Long.compare(firstPage, other.firstPage);
        return byFirst != 0 ? byFirst : Long.compare(pageCount, other.pageCount);
    }
}
