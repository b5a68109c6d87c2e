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
    private static final int PAGES = 4096;
    private static final List<Order> ORDERS = List.of(Order.values());

    @Test
    void readOnlyGoesHotToColdThenReadWriteColdToHot() {
        HeatMap heat = new HeatMap(PAGES);
        // Written: 2000-2007 always, 2100-2119 often, 2200-2203 hardly ever. Read: 512-600 always, 0-9 now and then.
        for (int i = 0; i < 60; i++) {
            PageSet used = range(512, 89);
            PageSet written = range(2000, 8);
            if (i % 6 == 0) used.addRange(0, 10);
            if (i % 4 == 0) written.addRange(2100, 20);
            if (i == 55) written.addRange(2200, 4);
            used.addAll(written);
            heat.sampled(used, written);
        }
        PageQueue queue = new PageQueue(Order.HOT_COLD, heat, page -> page == 2003, range(0, PAGES));
        assertThat(drain(queue, PAGES))
                .containsExactly(
                        new PageRange(512, 256), // the extents with hot pages
                        new PageRange(1792, 208),
                        new PageRange(2003, 1), // declared read-only
                        new PageRange(2008, 40),
                        new PageRange(0, 256), // those with warm ones
                        new PageRange(2048, 52),
                        new PageRange(2120, 80),
                        new PageRange(2204, 100),
                        new PageRange(256, 256), // the rest
                        new PageRange(768, 1024),
                        new PageRange(2304, 1792),
                        new PageRange(2200, 4), // what was written only once of late
                        new PageRange(2100, 20),
                        new PageRange(2000, 3),
                        new PageRange(2004, 4));
    }

    @Test
    void pagesThatAreReadOnlyGoByTheUseOfTheirExtentFromHotToCold() {
        HeatMap heat = new HeatMap(PAGES);
        for (int i = 0; i < 60; i++) {
            PageSet used = range(1024, 2);
            if (i % 3 == 0) used.addRange(512, 2);
            if (i % 10 == 0) used.addRange(768, 2);
            heat.sampled(used, range(0, 0));
        }
        PageQueue queue = new PageQueue(Order.HOT_COLD, heat, page -> false, range(0, 1280));
        assertThat(drain(queue, PAGES))
                .containsExactly(
                        new PageRange(1024, 256),
                        new PageRange(512, 256),
                        new PageRange(768, 256),
                        new PageRange(0, 512));
    }

    @Test
    void howeverManyPagesAreWrittenOnlyFewGoLast() {
        HeatMap heat = new HeatMap(PAGES);
        for (int i = 0; i < 60; i++) {
            PageSet written = range(1000, 3);
            if (i % 4 == 0) written.addRange(0, 900);
            heat.sampled(written, written);
        }
        PageQueue queue = new PageQueue(Order.HOT_COLD, heat, page -> false, range(0, PAGES));
        List<PageRange> runs = drain(queue, PAGES);
        assertThat(runs.getLast()).isEqualTo(new PageRange(1000, 3));
        assertThat(runs).as("the 900 are not cut out of their neighbours").hasSizeLessThan(6);
    }

    @Test
    void whatIsWrittenOftenMayBePutOffAndWhatIsWrittenMostToTheEnd() {
        HeatMap heat = new HeatMap(PAGES);
        for (int i = 0; i < 60; i++) {
            PageSet written = range(1000, 3);
            if (i % 4 == 0) written.addRange(2000, 5);
            heat.sampled(written, written);
        }
        PageQueue queue = new PageQueue(Order.HOT_COLD, heat, page -> false, range(0, PAGES));
        assertThat(queue.putOff()).isEqualTo(8);
        assertThat(queue.putOffToTheEnd()).isEqualTo(3);
        queue.take(queue.size() - queue.putOff(), (first, count) -> {});
        assertThat(queue.pages().ranges()).containsExactly(new PageRange(1000, 3), new PageRange(2000, 5));
        queue.take(5, (first, count) -> {});
        assertThat(queue.pages().ranges()).as("the hottest are the very last").containsExactly(new PageRange(1000, 3));
        for (Order other : List.of(Order.ADDRESS, Order.HOT_FIRST)) {
            PageQueue none = new PageQueue(other, heat, page -> false, range(0, PAGES));
            assertThat(none.putOff()).isZero();
            assertThat(none.putOffToTheEnd()).isZero();
        }
    }

    @Test
    void wherePagesAreWrittenAllTheTimeTheyMayBePutOffHoweverManyTheyAre() {
        HeatMap heat = new HeatMap(PAGES);
        for (int i = 0; i < 100; i++) heat.sampled(range(0, 3072), range(0, 3072));
        PageQueue queue = new PageQueue(Order.HOT_COLD, heat, page -> false, range(0, PAGES));
        assertThat(queue.putOff()).isEqualTo(3072);
        assertThat(drain(queue, PAGES))
                .as("by address all the same")
                .containsExactly(new PageRange(3072, 1024), new PageRange(0, 3072));
    }

    @Test
    void aRunGoesOnOverSmallGapsAndTakesNothingOfThem() {
        PageSet pages = range(0, 10);
        pages.addRange(12, 4);
        pages.addRange(21, 4);
        PageQueue queue = new PageQueue(Order.ADDRESS, new HeatMap(PAGES), page -> false, pages);
        assertThat(queue.takeRun(64, 4)).contains(new PageRange(0, 16));
        assertThat(queue.pages().ranges()).as("five pages are no small gap").containsExactly(new PageRange(21, 4));
        assertThat(queue.size()).isEqualTo(4);
        PageQueue cut = new PageQueue(Order.ADDRESS, new HeatMap(PAGES), page -> false, pages);
        assertThat(cut.takeRun(13, 4)).contains(new PageRange(0, 13));
        assertThat(cut.takeRun(64, 4)).contains(new PageRange(13, 3));
    }

    @Test
    void blocksComeByWhatAllTheirPagesAreUsedTogether() {
        HeatMap heat = new HeatMap(PAGES);
        for (int i = 0; i < 60; i++) {
            PageSet used = range(0, 0);
            if (i % 4 == 0) used.addRange(640, 30); // a block of warm pages
            if (i % 4 == 0) used.addRange(1280, 2); // and one with two of them
            if (i % 2 == 0) used.addRange(2560, 3); // one with three hot pages
            heat.sampled(used, range(0, 0));
        }
        PageQueue queue = new PageQueue(Order.HOT_FIRST, heat, page -> false, range(0, PAGES));
        List<Long> begins = drain(queue, 64).stream().map(PageRange::firstPage).toList();
        assertThat(begins.indexOf(2560L)).as("hot pages go one by one").isLessThan(begins.indexOf(640L));
        assertThat(begins.indexOf(640L)).isLessThan(begins.indexOf(1280L));
        assertThat(begins.indexOf(1280L)).isLessThan(begins.indexOf(0L));
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
    void aPageThatIsReadAfterTheRankingComesForwardWithItsExtent() {
        HeatMap heat = new HeatMap(PAGES);
        PageQueue queue = new PageQueue(Order.HOT_COLD, heat, page -> false, range(0, 1024));
        queue.take(5, (first, count) -> {});
        for (int i = 0; i < 60; i++) heat.used(range(700, 1));
        queue.rerank(range(700, 1));
        assertThat(drain(queue, PAGES))
                .containsExactly(new PageRange(512, 256), new PageRange(5, 507), new PageRange(768, 256));
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
