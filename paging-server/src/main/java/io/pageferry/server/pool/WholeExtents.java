package io.pageferry.server.pool;

import io.pageferry.linux.Mapping;
import io.pageferry.page.PageRange;

/**
 * Recognizes writers that fill a space in memory, so that it is allocated by whole extents of 2 MiB, which can be huge pages.
 * What is copied out of a socket into single pages costs three times as much.
 *
 * <p>A copier's connections write pieces that pass each other, so that {@link SequentialStreams} sees no stream. But shortly
 * before it opens an extent, it has filled one: an extent of which nothing is allocated is allocated whole where one of the
 * few before it is mostly written. Writes that are scattered fill no extent, and are given nothing but what they write.
 */
final class WholeExtents {
    private static final long EXTENT_PAGES = Mapping.HUGE_BYTES >>> SpaceFile.PAGE_SHIFT;
    /** As far as a copier's pieces may be out of order: 16 MiB. */
    private static final int EXTENTS_BACK = 8;

    private static final long MOSTLY_PAGES = EXTENT_PAGES * 3 / 4;

    private final boolean inMemory;
    private final PageBits claimed;
    private final PageBits backed;

    WholeExtents(boolean inMemory, PageBits claimed, PageBits backed) {
        this.inMemory = inMemory;
        this.claimed = claimed;
        this.backed = backed;
    }

    /** An unbacked range of pages, extended over the whole extents at its ends if these are free, and likely to be filled. */
    PageRange around(long first, long end) {
        if (!inMemory) return PageRange.between(first, end);
        long firstExtent = first & -EXTENT_PAGES;
        long lastExtent = (end - 1) & -EXTENT_PAGES;
        return PageRange.between(
                willBeFilled(firstExtent) ? firstExtent : first,
                willBeFilled(lastExtent) ? lastExtent + EXTENT_PAGES : end);
    }

    private boolean willBeFilled(long extent) {
        long end = extent + EXTENT_PAGES;
        return end <= backed.pageCount() && backed.nextSet(extent, end) == end && followsAFilledOne(extent);
    }

    private boolean followsAFilledOne(long extent) {
        long oldest = Math.max(0, extent - EXTENTS_BACK * EXTENT_PAGES);
        for (long before = extent - EXTENT_PAGES; before >= oldest; before -= EXTENT_PAGES) {
            if (claimed.count(before, before + EXTENT_PAGES) >= MOSTLY_PAGES) return true;
        }
        return false;
    }
}
