package io.pageferry.heat;

import java.util.Arrays;
import java.util.Locale;

/**
 * How often a page is used: a few classes, so that neighbours stay neighbours and runs stay long. The bounds are scores of
 * {@link HeatMap}: a page that is used in every interval comes to 255, one that was used in one interval of late to 16.
 */
public enum HeatClass {
    COLD(0, 0, 0),
    COOL(1, 4, 12),
    WARM(2, 24, 44),
    HOT(3, 96, 150);

    /** How many there are: a class fits into two bits. */
    public static final int COUNT = 4;

    private static final HeatClass[] BY_SCORE = new HeatClass[256];

    static {
        for (HeatClass each : values()) Arrays.fill(BY_SCORE, each.fromScore, 256, each);
    }

    private final int code;
    private final int fromScore;
    private final int typicalScore;

    HeatClass(int code, int fromScore, int typicalScore) {
        this.code = code;
        this.fromScore = fromScore;
        this.typicalScore = typicalScore;
    }

    /** The class of a score from 0 to 255. */
    static HeatClass ofScore(int score) {
        return BY_SCORE[score];
    }

    /** The class of a number from 0 (cold) to 3 (hot), whose other bits are ignored. */
    public static HeatClass ofCode(int code) {
        return switch (code & 3) {
            case 0 -> COLD;
            case 1 -> COOL;
            case 2 -> WARM;
            default -> HOT;
        };
    }

    /** The number in planes and records, from 0 (cold) to 3 (hot). */
    public int code() {
        return code;
    }

    /** The lowest score of this class. */
    int fromScore() {
        return fromScore;
    }

    /** The score that a page of this class starts with where nothing else is known. */
    int typicalScore() {
        return typicalScore;
    }

    /** The name for people and JSON. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
