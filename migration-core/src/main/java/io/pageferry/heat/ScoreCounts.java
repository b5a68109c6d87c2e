package io.pageferry.heat;

/** How many pages have each score, to find the few that score highest. */
final class ScoreCounts {
    private final long[] counts = new long[HeatMap.MAX_SCORE + 1];
    private long sum;

    void add(int score) {
        counts[score]++;
        sum++;
    }

    /** The lowest score, of this class at the least, that no more than one page of so many reaches; more than any if there is none. */
    int lowestScore(HeatClass heatClass, int onePageOf) {
        long maxPages = sum / onePageOf;
        int score = counts.length;
        for (long reached = 0; score > heatClass.fromScore(); score--) {
            reached += counts[score - 1];
            if (reached > maxPages) break;
        }
        return score;
    }

    /** As {@link #lowestScore}, where pages that all have the highest score are told apart no further: then it is theirs. */
    int lowestScoreOrHighest(HeatClass heatClass, int onePageOf) {
        int highest = counts.length - 1;
        while (highest > heatClass.fromScore() && counts[highest] == 0) highest--;
        return Math.min(lowestScore(heatClass, onePageOf), highest);
    }
}
