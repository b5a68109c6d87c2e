package io.pageferry.server.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.TestSeed;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WrittenSinceTest {
    private static final int PAGES = 300;

    @Test
    void everyPageHasTheSampleOfTheLastQuestionAboutIt() {
        Random random = TestSeed.random(WrittenSinceTest.class);
        WrittenSince asked = new WrittenSince(0);
        long[] model = new long[PAGES];
        for (long sample = 1; sample < 3000; sample++) {
            int first = random.nextInt(PAGES);
            int count = 1 + random.nextInt(PAGES - first);
            asked.asked(first, count, sample);
            for (int page = first; page < first + count; page++) {
                model[page] = sample;
            }
            long[] told = new long[PAGES];
            long[] next = {0};
            asked.parts(0, PAGES, (partFirst, partCount, since) -> {
                assertThat(partFirst).isEqualTo(next[0]);
                next[0] = partFirst + partCount;
                for (long page = partFirst; page < next[0]; page++) {
                    told[(int) page] = since;
                }
            });
            assertThat(next[0]).isEqualTo(PAGES);
            assertThat(told).isEqualTo(model);
        }
    }

    @Test
    void tooManyRangesAreJoinedWithTheOldestSample() {
        WrittenSince asked = new WrittenSince(0);
        for (long page = 0; page <= WrittenSince.MAX_RANGES; page++) {
            asked.asked(page, 1, 10 + page);
        }
        asked.parts(
                0,
                WrittenSince.MAX_RANGES,
                (first, count, since) -> assertThat(since).isEqualTo(10));
    }

    @Test
    void pagesBetweenRangesThatAreJoinedCountAsNeverAskedAbout() {
        WrittenSince asked = new WrittenSince(0);
        for (long page = 0; page <= WrittenSince.MAX_RANGES; page++) {
            asked.asked(2 * page, 1, 10 + page);
        }
        asked.parts(
                0,
                WrittenSince.MAX_RANGES,
                (first, count, since) -> assertThat(since).isZero());
    }
}
