package io.pageferry.heat;

import java.util.Arrays;

/**
 * A score of {@link HeatMap} in four bits, finer where scores are low: sixteen levels, so that a map that moves again and
 * again with its partition stays what it was.
 */
final class HeatLevel {
    private static final int BITS = 4;
    private static final int[] FROM_SCORE = {0, 4, 8, 16, 24, 32, 44, 60, 76, 96, 120, 144, 168, 192, 216, 240};
    private static final byte[] BY_SCORE = new byte[256];

    static {
        for (int level = 0; level < FROM_SCORE.length; level++) {
            Arrays.fill(BY_SCORE, FROM_SCORE[level], BY_SCORE.length, (byte) level);
        }
    }

    private HeatLevel() {}

    /** Two scores in a byte: bits 0-3 the level of the first, 4-7 of the second. */
    static int pack(int firstScore, int secondScore) {
        return BY_SCORE[firstScore] | (BY_SCORE[secondScore] << BITS);
    }

    /** The lowest score of the first level. */
    static int firstScore(int packed) {
        return FROM_SCORE[packed & 0xf];
    }

    /** The lowest score of the second level. */
    static int secondScore(int packed) {
        return FROM_SCORE[(packed >>> BITS) & 0xf];
    }
}
