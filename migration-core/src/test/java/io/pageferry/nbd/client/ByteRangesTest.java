package io.pageferry.nbd.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.TestSeed;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteRangesTest {
    private static final int SPACE = 300;

    @Test
    void aRandomHistoryGivesTheMaximalRangesOfABitSet() {
        Random random = TestSeed.random(ByteRangesTest.class);
        ByteRanges ranges = new ByteRanges();
        BitSet model = new BitSet();
        for (int step = 0; step < 20_000; step++) {
            int start = random.nextInt(SPACE);
            int end = start + 1 + random.nextInt(30);
            switch (random.nextInt(5)) {
                case 0, 1 -> {
                    ranges.add(start, end);
                    model.set(start, end);
                }
                case 2, 3 -> {
                    ranges.remove(start, end);
                    model.clear(start, end);
                }
                default -> {
                    int next = model.nextSetBit(start);
                    assertThat(ranges.overlaps(start, end)).isEqualTo(next >= 0 && next < end);
                }
            }
            assertThat(ranges.toList()).isEqualTo(runsOf(model));
            assertThat(ranges.isEmpty()).isEqualTo(model.isEmpty());
        }
    }

    private static List<ByteRange> runsOf(BitSet model) {
        List<ByteRange> runs = new ArrayList<>();
        for (int start = model.nextSetBit(0); start >= 0; ) {
            int end = model.nextClearBit(start);
            runs.add(new ByteRange(start, end - start));
            start = model.nextSetBit(end);
        }
        return runs;
    }
}
