package io.pageferry.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.testing.TestSeed;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PageSetTest {
    @Test
    void rangesAreMaximalAndInRisingOrder() {
        PageSet set = new PageSet(200);
        set.addRange(190, 10);
        set.addRange(0, 3);
        set.addRange(3, 62);
        set.remove(64);

        assertThat(set.ranges()).containsExactly(new PageRange(0, 64), new PageRange(190, 10));
        assertThat(set.size()).isEqualTo(74);
    }

    @Test
    void aFullSetEndsAtItsLastPage() {
        for (long pageCount : new long[] {1, 63, 64, 65, 128, 130}) {
            PageSet set = new PageSet(pageCount);
            set.addRange(0, pageCount);
            assertThat(set.ranges()).isEqualTo(List.of(new PageRange(0, pageCount)));
            assertThat(set.nextAbsent(0)).isEqualTo(pageCount);
        }
        assertThat(new PageSet(0).ranges()).isEmpty();
    }

    @Test
    void pagesOutsideAreRefused() {
        PageSet set = new PageSet(10);
        assertThatThrownBy(() -> set.add(10)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> set.contains(-1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> set.addRange(5, 6)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> set.addRange(5, Long.MAX_VALUE)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void behavesAsABitSetUnderRandomOperations() {
        Random random = TestSeed.random(PageSetTest.class);
        for (int round = 0; round < 200; round++) {
            int pages = 1 + random.nextInt(300);
            PageSet set = new PageSet(pages);
            BitSet model = new BitSet();
            for (int step = 0; step < 50; step++) {
                change(set, model, random, pages);
                assertSame(set, model, pages);
            }
        }
    }

    private static void change(PageSet set, BitSet model, Random random, int pages) {
        int first = random.nextInt(pages);
        int count = random.nextInt(pages - first + 1);
        PageSet other = new PageSet(pages);
        other.addRange(first, count);
        BitSet otherModel = new BitSet();
        otherModel.set(first, first + count);
        switch (random.nextInt(7)) {
            case 0 -> {
                assertThat(set.add(first)).isEqualTo(!model.get(first));
                model.set(first);
            }
            case 1 -> {
                assertThat(set.remove(first)).isEqualTo(model.get(first));
                model.clear(first);
            }
            case 2 -> {
                set.removeRange(first, count);
                model.clear(first, first + count);
            }
            case 3 -> {
                set.addAll(other);
                model.or(otherModel);
            }
            case 4 -> {
                set.retainAll(other);
                model.and(otherModel);
            }
            case 5 -> {
                set.removeAll(other);
                model.andNot(otherModel);
            }
            default -> {
                set.addRange(first, count);
                model.set(first, first + count);
            }
        }
        for (int page = 0; page < pages; page++) {
            assertThat(set.contains(page)).isEqualTo(model.get(page));
        }
    }

    private static void assertSame(PageSet set, BitSet model, int pages) {
        assertThat(set.size()).isEqualTo(model.cardinality());
        int first = model.nextSetBit(0);
        for (PageRange range : set.ranges()) {
            assertThat(range.firstPage()).isEqualTo(first);
            assertThat(range.end()).isEqualTo(model.nextClearBit(first));
            first = model.nextSetBit((int) range.end());
        }
        assertThat(first).isEqualTo(-1);
        assertThat(set.nextAbsent(0)).isEqualTo(Math.min(pages, model.nextClearBit(0)));
    }
}
