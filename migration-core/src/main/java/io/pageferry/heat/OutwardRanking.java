package io.pageferry.heat;

import io.pageferry.page.PageSet;

/**
 * Read-only pages from hot to cold, then read-write pages from cold to hot (US8984240B2).
 *
 * <p>Each read-write page is a run of its own and cuts another in two, and a migration that takes longer has more pages
 * dirtied. So only the pages count as read-write that are written most: those that were seen to be written of late and, of so
 * many pages as there are to rank, the given share at the most. The others go with the read-only ones, and these are ranked
 * by extents of {@link #EXTENT_PAGES}.
 */
final class OutwardRanking implements Ranking {
    /** What is written seldom, what often, and what all the time. */
    static final int PUT_OFF_GROUPS = 3;

    static final int GROUPS = HeatClass.COUNT + PUT_OFF_GROUPS;

    private static final int EXTENT_PAGES = 256;
    private static final int ONE_COOL_PAGE_OF = 64;
    private static final int ONE_WARM_PAGE_OF = 128;
    private static final int ONE_HOT_PAGE_OF = 256;

    private final HeatMap heat;
    private final byte[] extentUse;
    private final int coolScore;
    private final int warmScore;
    private final int hotScore;

    OutwardRanking(HeatMap heat, PageSet pages) {
        this.heat = heat;
        this.extentUse = heat.useOfExtents(EXTENT_PAGES);
        ScoreCounts writes = heat.countWrites(pages);
        this.coolScore = writes.lowestScoreOrHighest(HeatClass.COOL, ONE_COOL_PAGE_OF);
        this.warmScore = writes.lowestScoreOrHighest(HeatClass.WARM, ONE_WARM_PAGE_OF);
        this.hotScore = writes.lowestScoreOrHighest(HeatClass.HOT, ONE_HOT_PAGE_OF);
    }

    /** A page that heats up takes its extent along. */
    @Override
    public PageSet learn(PageSet seen) {
        PageSet moved = seen.copy();
        seen.forEachRange((first, count) -> {
            for (long page = first; page < first + count; page++) {
                int extent = (int) (page / EXTENT_PAGES);
                int use = heat.use(page).code();
                if (use <= extentUse[extent]) continue;
                extentUse[extent] = (byte) use;
                long from = (long) extent * EXTENT_PAGES;
                moved.addRange(from, Math.min(EXTENT_PAGES, seen.pageCount() - from));
            }
        });
        return moved;
    }

    @Override
    public int group(boolean declaredReadOnly, long pageIndex) {
        int writes = declaredReadOnly ? 0 : heat.writeScore(pageIndex);
        if (writes >= hotScore) return HeatClass.COUNT + 2;
        if (writes >= warmScore) return HeatClass.COUNT + 1;
        if (writes >= coolScore) return HeatClass.COUNT;
        return HeatClass.COUNT - 1 - extentUse[(int) (pageIndex / EXTENT_PAGES)];
    }
}
