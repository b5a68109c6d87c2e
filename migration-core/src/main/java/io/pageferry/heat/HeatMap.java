package io.pageferry.heat;

import io.pageferry.page.PageSet;

/**
 * How often each page of a partition is used and how often it is written: two scores a page, from 0 to 255, each the share
 * of the latest intervals in which that happened, so that what is long ago counts less. 512 KiB a GiB. Thread-safe.
 */
public final class HeatMap {
    /**
     * A page that was seen in an interval moves a sixteenth of the way to 255, one that was not a sixteenth of the way to 0: so
     * a score counts what was seen in the latest sixteen intervals or so. Most writes that a migration sees under a skewed load
     * are to pages that are written seldom, and a shorter memory does not know them.
     */
    private static final int WEIGHT = 4;
    /** A page that was written while a migration runs moves a quarter of the way: it is likely to be written again soon. */
    private static final int WEIGHT_OF_A_LOOK = 2;

    static final int MAX_SCORE = 255;

    private static final int WRITES_SHIFT = 2;

    /** Uses in an interval, in units of 1/256, where so many intervals in 256 have one: if they are independent, -ln(1 - share). */
    private static final int[] USES_OF_SCORE = new int[256];

    static {
        for (int score = 0; score < 256; score++) {
            USES_OF_SCORE[score] = (int) Math.round(-256 * Math.log1p(-score / 256.0));
        }
    }

    private final byte[] uses;
    private final byte[] writes;
    private long intervals;

    public HeatMap(long pageCount) {
        this.uses = new byte[Math.toIntExact(pageCount)];
        this.writes = new byte[uses.length];
    }

    public long pageCount() {
        return uses.length;
    }

    /**
     * Takes up an interval: what was used in it, and what was written. Short and long intervals in turn tell more rates apart
     * than either: a page that is used ten times a second is in all of them, one that is used every five seconds in the long
     * ones only.
     */
    public synchronized void sampled(PageSet referenced, PageSet written) {
        intervals++;
        move(uses, referenced);
        move(writes, written);
    }

    /** Takes up what was written in a moment too short to say anything of the other pages. */
    public synchronized void written(PageSet written) {
        intervals++;
        raise(writes, written, WEIGHT_OF_A_LOOK);
        raise(uses, written, WEIGHT_OF_A_LOOK);
    }

    /** Takes up pages that were seen to be used; says nothing of the others. */
    public synchronized void used(PageSet pages) {
        raise(uses, pages, WEIGHT);
    }

    /** Takes up what page-table entries had recorded of pages before they were removed; says nothing of the others. */
    public synchronized void recorded(PageSet used, PageSet written) {
        raise(uses, used, WEIGHT);
        raise(writes, written, WEIGHT);
    }

    /** Whether anything was ever observed here, or taken over from where something was. */
    public synchronized boolean isKnown() {
        return intervals > 0;
    }

    public synchronized HeatClass use(long pageIndex) {
        return HeatClass.ofScore(uses[(int) pageIndex] & 0xff);
    }

    public synchronized HeatClass writes(long pageIndex) {
        return HeatClass.ofScore(writes[(int) pageIndex] & 0xff);
    }

    /** Whether the page was not seen to be written in its latest intervals, and there were some. */
    public synchronized boolean isObservedReadOnly(long pageIndex) {
        return intervals > 0 && HeatClass.ofScore(writes[(int) pageIndex] & 0xff) == HeatClass.COLD;
    }

    /** How often the page is used, from 0 to 255. */
    synchronized int useScore(long pageIndex) {
        return uses[(int) pageIndex] & 0xff;
    }

    /** How often the page is written, from 0 to 255. */
    synchronized int writeScore(long pageIndex) {
        return writes[(int) pageIndex] & 0xff;
    }

    /** How many of these pages have each score of use. */
    synchronized ScoreCounts countUses(PageSet pages) {
        return count(uses, pages);
    }

    /** How many of these pages have each score of writes. */
    synchronized ScoreCounts countWrites(PageSet pages) {
        return count(writes, pages);
    }

    private static ScoreCounts count(byte[] scores, PageSet pages) {
        ScoreCounts counts = new ScoreCounts();
        pages.forEachRange((first, count) -> {
            for (int page = (int) first; page < first + count; page++) counts.add(scores[page] & 0xff);
        });
        return counts;
    }

    /** The lowest score of use, of warm pages at the least, that no more than one page of so many reaches. */
    synchronized int lowestOfMostUsed(int onePageOf) {
        PageSet all = new PageSet(uses.length);
        all.addRange(0, uses.length);
        return count(uses, all).lowestScore(HeatClass.WARM, onePageOf);
    }

    /**
     * How much each aligned block of so many pages is used: the sum, over those of its pages that are given and score less than
     * {@code belowScore}, of how many uses there are in an interval, in units of 1/256.
     */
    synchronized long[] useOfBlocks(PageSet pages, int blockPages, int belowScore) {
        long[] sums = new long[(uses.length + blockPages - 1) / blockPages];
        pages.forEachRange((first, count) -> {
            for (int page = (int) first; page < first + count; page++) {
                int score = uses[page] & 0xff;
                if (score < belowScore) sums[page / blockPages] += USES_OF_SCORE[score];
            }
        });
        return sums;
    }

    /** The class of the hottest page in each aligned extent of so many pages, as its code. */
    synchronized byte[] useOfExtents(int extentPages) {
        byte[] hottest = new byte[(uses.length + extentPages - 1) / extentPages];
        for (int page = 0; page < uses.length; page++) {
            int extent = page / extentPages;
            int use = HeatClass.ofScore(uses[page] & 0xff).code();
            if (use > hottest[extent]) hottest[extent] = (byte) use;
        }
        return hottest;
    }

    /** Both classes of a page as four bits: 0-1 the use, 2-3 the writes. */
    public synchronized int code(long pageIndex) {
        return use(pageIndex).code() | (writes(pageIndex).code() << WRITES_SHIFT);
    }

    /** The use out of what {@link #code} says, as {@link HeatClass#code}. */
    public static int useCode(int code) {
        return code & ((1 << WRITES_SHIFT) - 1);
    }

    static int writesCode(int code) {
        return code >>> WRITES_SHIFT;
    }

    /** Both scores of a page as the heat plane of a manifest has them: bits 0-3 the use, 4-7 the writes, from 0 to 15. */
    public synchronized int levels(long pageIndex) {
        return HeatLevel.pack(uses[(int) pageIndex] & 0xff, writes[(int) pageIndex] & 0xff);
    }

    /** What {@link #levels(long)} says of each page. */
    public synchronized byte[] levels() {
        byte[] levels = new byte[uses.length];
        for (int page = 0; page < levels.length; page++) {
            levels[page] = (byte) HeatLevel.pack(uses[page] & 0xff, writes[page] & 0xff);
        }
        return levels;
    }

    /** What {@link #code} says of each page. */
    public synchronized byte[] codes() {
        byte[] codes = new byte[uses.length];
        for (int page = 0; page < codes.length; page++) codes[page] = (byte) code(page);
        return codes;
    }

    /** As {@link #learn(long, int)}, of all pages, under one lock. */
    public synchronized void learn(byte[] levels) {
        for (int page = 0; page < levels.length; page++) learn(page, levels[page] & 0xff);
    }

    /** Starts from levels that were found elsewhere; what is known here already is kept where it says the same. */
    public synchronized void learn(long pageIndex, int levels) {
        if (levels(pageIndex) == (levels & 0xff)) return;
        intervals++;
        uses[(int) pageIndex] = (byte) HeatLevel.firstScore(levels);
        writes[(int) pageIndex] = (byte) HeatLevel.secondScore(levels);
    }

    /** Starts from classes that were found elsewhere, if they say more than that nothing is known. */
    synchronized void learn(long pageIndex, HeatClass use, HeatClass writesClass) {
        if (use == HeatClass.COLD && writesClass == HeatClass.COLD) return;
        intervals++;
        uses[(int) pageIndex] = (byte) use.typicalScore();
        writes[(int) pageIndex] = (byte) writesClass.typicalScore();
    }

    private static void move(byte[] scores, PageSet seen) {
        for (int page = 0; page < scores.length; page++) {
            int score = scores[page] & 0xff;
            // Rounded up, so that a score comes to 0 in the end.
            int left = score - ((score + (1 << WEIGHT) - 1) >>> WEIGHT);
            if (score > 0 && !seen.contains(page)) scores[page] = (byte) left;
        }
        raise(scores, seen, WEIGHT);
    }

    private static void raise(byte[] scores, PageSet seen, int weight) {
        seen.forEachRange((first, count) -> {
            for (int page = (int) first; page < first + count; page++) {
                int score = scores[page] & 0xff;
                scores[page] = (byte) (score + ((MAX_SCORE - score + (1 << weight) - 1) >>> weight));
            }
        });
    }
}
