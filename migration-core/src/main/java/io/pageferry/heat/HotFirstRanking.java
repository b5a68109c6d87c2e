package io.pageferry.heat;

import io.pageferry.page.PageSet;

/**
 * From hot to cold, whatever the access: the hottest pages one by one, since a thread waits for each; the others by the
 * hottest page of their extent. Each page that goes by itself is a request of its own, so these are few: of so many pages as
 * there are to rank, the given share at the most.
 */
final class HotFirstRanking implements Ranking {
    static final int GROUPS = 1 + HeatClass.COUNT;

    private static final int EXTENT_PAGES = 256;
    private static final int ONE_HOT_PAGE_OF = 64;

    private final HeatMap heat;
    private final byte[] extentUse;
    private final int hotScore;

    HotFirstRanking(HeatMap heat, PageSet pages) {
        this.heat = heat;
        this.extentUse = heat.useOfExtents(EXTENT_PAGES);
        this.hotScore = heat.countUses(pages).lowestScore(HeatClass.WARM, ONE_HOT_PAGE_OF);
    }

    @Override
    public int group(boolean declaredReadOnly, long pageIndex) {
        if (heat.useScore(pageIndex) >= hotScore) return 0;
        return HeatClass.COUNT - extentUse[(int) (pageIndex / EXTENT_PAGES)];
    }
}
