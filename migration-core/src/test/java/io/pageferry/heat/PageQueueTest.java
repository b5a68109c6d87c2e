package io.pageferry.heat;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.page.PageRange;
import io.pageferry.page.PageSet;
import io.pageferry.testing.TestSeed;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PageQueueTest {
    private static final int PAGES = 400;
    private static final List<Order> ORDERS = List.of(Order.values());

    @Test
    void readOnlyGoesHotToColdThenReadWriteColdToHot() {
        HeatMap heat = new HeatMap(PAGES);
        // 0-63 read now and then, 128-191 always; 20-29 written now and then, 30-39 often, 40-49 always, 50-53 hardly
        // ever.
        for (int i = 0; i < 60; i++) {
            PageSet used = range(128, 64);
            PageSet written = range(40, 10);
            if (i % 6 == 0) used.addRange(0, 20);
            if (i % 2 == 0) written.addRange(20, 10);
            if (i % 4 != 3) written.addRange(30, 10);
            if (i == 55) written.addRange(50, 4);
            used.addAll(written);
            heat.sampled(used, written);
        }
        PageQueue queue = new PageQueue(Order.HOT_COLD, heat, page -> page == 45, range(0, 256));
        assertThat(drain(queue, 400))
                .containsExactly(
                        new PageRange(0, 20), // in one extent with pages that are hot
                        new PageRange(45, 1), // declared read-only
                        new PageRange(50, 14),
                        new PageRange(128, 64),
                        new PageRange(64, 64),
                        new PageRange(192, 64),
                        new PageRange(20, 10),
                        new PageRange(30, 10),
                        new PageRange(40, 5),
                        new PageRange(46, 4));
    }

    @Test
    void pagesThatAreReadOnlyGoByTheUseOfTheirExtentFromHotToCold() {
        HeatMap heat = new HeatMap(PAGES);
        for (int i = 0; i < 60; i++) {
            PageSet used = range(128, 2);
            if (i % 2 == 0) used.addRange(64, 2);
            if (i % 5 == 0) used.addRange(192, 2);
            heat.sampled(used, range(0, 0));
        }
        PageQueue queue = new PageQueue(Order.HOT_COLD, heat, page -> false, range(0, 256));
        assertThat(drain(queue, 400))
                .containsExactly(
                        new PageRange(128, 64), new PageRange(64, 64), new PageRange(192, 64), new PageRange(0, 64));
    }

    @Test
    void withoutAnyKnowledgePagesGoByAddress() {
        for (Order order : Order.values()) {
            PageQueue queue = new PageQueue(order, new HeatMap(PAGES), page -> false, range(3, 300));
            assertThat(drain(queue, PAGES)).containsExactly(new PageRange(3, 300));
        }
    }

    @Test
    void aPageThatIsWrittenAfterTheRankingMovesBehindTheColdOnes() {
        HeatMap heat = new HeatMap(PAGES);
        heat.sampled(range(0, PAGES), range(0, 0));
        PageQueue queue = new PageQueue(Order.HOT_COLD, heat, page -> false, range(0, 30));
        queue.take(5, (first, count) -> {});
        heat.written(range(3, 10));
        queue.rerank(range(3, 10));
        assertThat(queue.contains(4)).as("gone already").isFalse();
        assertThat(drain(queue, 100)).containsExactly(new PageRange(13, 17), new PageRange(5, 8));
    }

    @Test
    void neighboursOfAFaultGoFirst() {
        HeatMap heat = new HeatMap(PAGES);
        PageQueue queue = new PageQueue(Order.HOT_FIRST, heat, page -> false, range(0, 100));
        queue.take(4, (first, count) -> {});
        queue.putFirst(new PageRange(2, 6));
        queue.putFirst(new PageRange(96, 100));
        assertThat(drain(queue, 100)).containsExactly(new PageRange(4, 4), new PageRange(96, 4), new PageRange(8, 88));
    }

    @Test
    void eachPageIsHandedOutOnceHoweverOftenItMoves() {
        Random random = TestSeed.random(PageQueueTest.class);
        for (int round = 0; round < 300; round++) {
            HeatMap heat = new HeatMap(PAGES);
            heat.sampled(some(random), some(random));
            PageSet left = some(random);
            Order order = ORDERS.get(random.nextInt(ORDERS.size()));
            PageQueue queue = new PageQueue(order, heat, page -> page % 7 == 0, left);
            PageSet expected = left.copy();
            while (!queue.isEmpty()) {
                assertThat(queue.pages()).isEqualTo(expected);
                queue.take(1 + random.nextInt(30), (first, count) -> {
                    for (long page = first; page < first + count; page++) {
                        assertThat(expected.remove(page)).isTrue();
                    }
                });
                PageSet written = some(random);
                heat.written(written);
                queue.rerank(written);
                if (random.nextInt(3) == 0) queue.putFirst(new PageRange(random.nextInt(PAGES), 8));
            }
            assertThat(expected.isEmpty()).isTrue();
        }
    }

    private static List<PageRange> drain(PageQueue queue, long maxPages) {
        List<PageRange> runs = new ArrayList<>();
        for (Optional<PageRange> run = queue.takeRun(maxPages); run.isPresent(); run = queue.takeRun(maxPages)) {
            runs.add(run.get());
        }
        return runs;
    }

    private static PageSet range(long first, long count) {
        PageSet pages = new PageSet(PAGES);
        pages.addRange(first, count);
        return pages;
    }

    private static PageSet some(Random random) {
        PageSet pages = new PageSet(PAGES);
        for (int i = random.nextInt(60); i > 0; i--) {
            long first = random.nextInt(PAGES);
            pages.addRange(first, Math.min(PAGES - first, 1 + random.nextInt(12)));
        }
        return pages;
    }
}
