package io.pageferry.testing;

import java.util.Random;

/** The seed of a random test: {@code -Dpageferry.seed=N} runs it again. */
public final class TestSeed {
    private TestSeed() {}

    /** The seed asked for, or a new one; printed, so that a failure can be run again. */
    public static long choose(Class<?> test) {
        long seed = Long.getLong("pageferry.seed", System.nanoTime());
        System.out.println(test.getSimpleName() + ": rerun with -Dpageferry.seed=" + seed);
        return seed;
    }

    /** A generator of the seed asked for, or of a new one, which is printed. */
    public static Random random(Class<?> test) {
        return new Random(choose(test));
    }
}
