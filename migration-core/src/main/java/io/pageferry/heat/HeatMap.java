package io.pageferry.heat;

import io.pageferry.page.PageSet;

/**
 * How often each page of a partition is used and how often it is written: two scores a page, from 0 to 255, each the share
 * of the latest intervals in which that happened, so that what is long ago counts less. 512 KiB a GiB. Thread-safe.
 */
public final class HeatMap {
    /** A page that was seen in an interval moves a quarter of the way to 255, one that was not a quarter of the way to 0. */
    private static final int WEIGHT = 2;
    /** A page that was written while a migration runs moves half the way to 255: it is likely to be written again soon. */
    private static final int WEIGHT_OF_A_LOOK = 1;

    /** How many values {@link #writeStep} has. */
    static final int WRITE_STEPS = 4;

    private static final int NEARLY_ALWAYS = 208;

    private static final int MAX_SCORE = 255;
    private static final int WRITES_SHIFT = 2;

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

    /** How often the page is written, for ranking: 0 is so rarely that it goes with the read-only pages, 3 nearly always. */
    synchronized int writeStep(long pageIndex) {
        int score = writes[(int) pageIndex] & 0xff;
        if (score >= NEARLY_ALWAYS) return 3;
        return Math.max(0, HeatClass.ofScore(score).code() - 1);
    }

    /** The use of the hottest page in the aligned extent of so many pages that the page is in. */
    synchronized HeatClass useOfExtent(long pageIndex, int extentPages) {
        int first = (int) (pageIndex / extentPages) * extentPages;
        int hottest = 0;
        for (int page = first; page < Math.min(uses.length, first + extentPages); page++) {
            hottest = Math.max(hottest, uses[page] & 0xff);
        }
        return HeatClass.ofScore(hottest);
    }

    /** Both classes of a page as four bits, as the heat plane of a manifest has them: 0-1 the use, 2-3 the writes. */
    public synchronized int code(long pageIndex) {
        return code(HeatClass.ofScore(uses[(int) pageIndex] & 0xff), HeatClass.ofScore(writes[(int) pageIndex] & 0xff));
    }

    static int code(HeatClass use, HeatClass writes) {
        return use.code() | (writes.code() << WRITES_SHIFT);
    }

    /** Starts from classes that were found elsewhere; what is known here already is kept where it says the same. */
    public synchronized void learn(long pageIndex, int code) {
        if (code(pageIndex) == (code & 0x0f)) return;
        intervals++;
        uses[(int) pageIndex] = (byte) HeatClass.ofCode(code).typicalScore();
        writes[(int) pageIndex] = (byte) HeatClass.ofCode(code >>> WRITES_SHIFT).typicalScore();
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
