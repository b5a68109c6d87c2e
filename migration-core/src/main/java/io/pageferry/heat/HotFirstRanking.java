package io.pageferry.heat;

import io.pageferry.page.PageSet;
import java.util.Arrays;

/**
 * From hot to cold, whatever the access: the hottest pages one by one, since a thread waits for each; the others by blocks of
 * neighbours, those first that are used most, all their pages together.
 *
 * <p>Each page that goes by itself is a request of its own, so these are few: of all pages the given share at the most. A block
 * is a request, too, and as many pages are missing whatever the order: so it is as large as a request should be, and as
 * small as blocks have to be to differ, where hot pages are scattered.
 */
final class HotFirstRanking implements Ranking {
    /** Pages of a block. */
    static final int BLOCK_PAGES = 64;

    private static final int HOT_GROUPS = 2;
    private static final int BLOCK_GROUPS = 16;
    static final int GROUPS = HOT_GROUPS + BLOCK_GROUPS;
    private static final int ONE_HOTTEST_PAGE_OF = 128;
    private static final int ONE_HOT_PAGE_OF = 64;

    private final HeatMap heat;
    private final int hottestScore;
    private final int hotScore;
    private final long[] blockUse;
    /** What a block must be used at the least to be in each group, falling. */
    private final long[] groupFrom = new long[BLOCK_GROUPS - 1];

    HotFirstRanking(HeatMap heat, PageSet pages) {
        this.heat = heat;
        this.hottestScore = heat.lowestOfMostUsed(ONE_HOTTEST_PAGE_OF);
        this.hotScore = heat.lowestOfMostUsed(ONE_HOT_PAGE_OF);
        this.blockUse = heat.useOfBlocks(pages, BLOCK_PAGES, hotScore);
        long[] used = Arrays.stream(blockUse).filter(use -> use > 0).sorted().toArray();
        for (int group = 0; group < groupFrom.length; group++) {
            // The last group takes what is not used at all.
            int rank = used.length - 1 - (int) ((long) used.length * (group + 1) / groupFrom.length);
            groupFrom[group] = used.length == 0 ? 1 : used[Math.max(0, rank)];
        }
    }

    @Override
    public int group(boolean declaredReadOnly, long pageIndex) {
        int use = heat.useScore(pageIndex);
        if (use >= hottestScore) return 0;
        if (use >= hotScore) return 1;
        long ofBlock = blockUse[(int) (pageIndex / BLOCK_PAGES)];
        int group = 0;
        while (group < groupFrom.length && ofBlock < groupFrom[group]) group++;
        return HOT_GROUPS + group;
    }
}
