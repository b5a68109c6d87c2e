package io.pageferry.heat;

import io.pageferry.page.PageSet;

/**
 * Read-only pages from hot to cold, then read-write pages from cold to hot (US8984240B2).
 *
 * <p>Each read-write page is a run of its own and cuts another in two, and a migration that takes longer has more pages
 * dirtied. So only the pages count as read-write that are written most: those that have the score of their class and, of so
 * many pages as there are to rank, the given share at the most. The others go with the read-only ones, and these are ranked
 * by extents of {@link #EXTENT_PAGES}.
 */
final class OutwardRanking implements Ranking {
    static final int GROUPS = HeatClass.COUNT + 2;

    private static final int EXTENT_PAGES = 256;
    private static final int ONE_WARM_PAGE_OF = 128;
    private static final int ONE_HOT_PAGE_OF = 512;

    private final HeatMap heat;
    private final byte[] extentUse;
    private final int warmScore;
    private final int hotScore;

    OutwardRanking(HeatMap heat, PageSet pages) {
        this.heat = heat;
        this.extentUse = heat.useOfExtents(EXTENT_PAGES);
        ScoreCounts writes = heat.countWrites(pages);
        this.warmScore = writes.lowestScore(HeatClass.WARM, ONE_WARM_PAGE_OF);
        this.hotScore = writes.lowestScore(HeatClass.HOT, ONE_HOT_PAGE_OF);
    }

    @Override
    public int group(boolean declaredReadOnly, long pageIndex) {
        int writes = declaredReadOnly ? 0 : heat.writeScore(pageIndex);
        if (writes >= hotScore) return HeatClass.COUNT + 1;
        if (writes >= warmScore) return HeatClass.COUNT;
        return HeatClass.COUNT - 1 - extentUse[(int) (pageIndex / EXTENT_PAGES)];
    }
}
