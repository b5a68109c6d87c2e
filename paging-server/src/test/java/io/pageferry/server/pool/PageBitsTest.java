package io.pageferry.server.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.TestSeed;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PageBitsTest {
    private static final int PAGES = 3 * 32768 + 77;

    @Test
    void behavesAsABitSetUnderRandomRanges() {
        Random random = TestSeed.random(PageBitsTest.class);
        PageBits bits = new PageBits(PAGES);
        BitSet model = new BitSet(PAGES);
        for (int step = 0; step < 3000; step++) {
            int first = random.nextInt(PAGES);
            int end = Math.min(PAGES, first + 1 + random.nextInt(random.nextBoolean() ? 200 : 50_000));
            if (random.nextBoolean()) {
                bits.set(first, end);
                model.set(first, end);
            } else {
                bits.clear(first, end);
                model.clear(first, end);
            }
            int from = random.nextInt(PAGES);
            int to = Math.min(PAGES, from + random.nextInt(70_000));
            assertThat(bits.count(from, to)).isEqualTo(model.get(from, to).cardinality());
            int nextSet = model.nextSetBit(from);
            assertThat(bits.nextSet(from, to)).isEqualTo(nextSet < 0 ? to : Math.min(to, nextSet));
            assertThat(bits.nextClear(from, to)).isEqualTo(Math.min(to, model.nextClearBit(from)));
            assertThat(bits.get(from)).isEqualTo(model.get(from));
            assertThat(bits.allSet(first, end)).isEqualTo(model.nextClearBit(first) >= end);
        }
    }
}
