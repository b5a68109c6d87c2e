package io.pageferry.migration;

import io.pageferry.page.PageSet;
import io.pageferry.path.PagePathIn;

/** How long the reads of a prefetch are, and how many are under way; by what a request costs on the path. */
final class PrefetchRuns {
    /** The longest run; it divides the pages of an extent. */
    static final int MAX_PAGES = 128;
    /** Where the thread that reads copies the pages itself: 64 KiB, which stay in the first caches until they are where they belong. */
    private static final int MAX_PAGES_AT_ONCE = 16;
    /** Pages that are put off, or held already, lie scattered. */
    private static final long MAX_GAP_PAGES = 2;
    /** At the commit the program waits until what is under way has come, so that is little: 4 MiB. */
    private static final int MAX_RUNS_UNDER_WAY = 8;
    /** Short runs wait for the way there and back, not for the data, so more of them are under way: 4 MiB again. */
    private static final int SHORT_RUN_PAGES = 16;

    private static final int MAX_SHORT_RUNS_UNDER_WAY = 64;

    private final int maxPages;
    /** Where pages are in place, or the thread copies them itself, nothing is saved by reading over a gap. */
    private final long maxGapPages;

    PrefetchRuns(PagePathIn path) {
        this.maxPages = path.isInPlace() || path.isImmediate() ? MAX_PAGES_AT_ONCE : MAX_PAGES;
        this.maxGapPages = path.isInPlace() || path.isImmediate() ? 0 : MAX_GAP_PAGES;
    }

    int maxPages() {
        return maxPages;
    }

    long maxGapPages() {
        return maxGapPages;
    }

    /** How many runs may be under way once one of so many pages is. */
    int maxUnderWay(long pageCount) {
        return pageCount > SHORT_RUN_PAGES ? MAX_RUNS_UNDER_WAY : MAX_SHORT_RUNS_UNDER_WAY;
    }

    /**
     * The end of the run that begins at a page of a set, before {@code end}: it goes on over gaps which cost less than a request of
     * their own. What is fetched in a gap is held like any other page: if the source has not sent it yet, it will be reported.
     */
    long end(PageSet pages, long first, long end) {
        long maxEnd = Math.min(end, (first / maxPages + 1) * maxPages);
        long runEnd = Math.min(pages.nextAbsent(first), maxEnd);
        for (long next = pages.nextPresent(runEnd);
                next < maxEnd && next - runEnd <= maxGapPages;
                next = pages.nextPresent(runEnd)) {
            runEnd = Math.min(pages.nextAbsent(next), maxEnd);
        }
        return runEnd;
    }
}
