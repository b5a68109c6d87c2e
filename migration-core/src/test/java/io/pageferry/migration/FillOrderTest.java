package io.pageferry.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.heat.HeatMap;
import io.pageferry.heat.Order;
import io.pageferry.heat.PageQueue;
import io.pageferry.page.PageRange;
import io.pageferry.page.PageSet;
import io.pageferry.testing.TestSeed;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FillOrderTest {
    private static final int PAGES = 4096;
    private static final int HOTTEST = 0x0f;
    private static final int WARM = 0x06;
    private static final List<Order> ORDERS = List.of(Order.values());

    private final RecentFaults faulted = new RecentFaults(PAGES);
    private final AtomicLong faults = new AtomicLong();

    @Test
    void hottestPagesComeFirstThenBlocksOfWarmOnesThenTheRest() {
        HeatMap heat = new HeatMap(PAGES);
        for (long page : new long[] {7, 3000, 3001}) heat.learn(page, HOTTEST);
        for (long page = 1024; page < 1280; page++) heat.learn(page, WARM);
        List<PageRange> runs = drain(new FillOrder(Order.HOT_FIRST, faulted, faults::get), queue(heat, all()));
        assertThat(runs.subList(0, 2)).containsExactly(new PageRange(7, 1), new PageRange(3000, 2));
        List<Long> begins = runs.stream().map(PageRange::firstPage).toList();
        assertThat(begins.indexOf(1024L))
                .as("the warm block comes before all that is cold")
                .isLessThan(begins.indexOf(256L));
        assertThat(pages(runs)).isEqualTo(all());
    }

    @Test
    void theNeighboursOfAFaultComeNextAndInShortRuns() {
        FillOrder order = new FillOrder(Order.HOT_FIRST, faulted, faults::get);
        PageQueue queue = queue(new HeatMap(PAGES), all());
        order.next(queue);
        fault(2005);
        assertThat(order.next(queue)).isEqualTo(new PageRange(1984, 32));
        assertThat(order.next(queue).pageCount()).isEqualTo(FillOrder.MAX_RUN_PAGES);
        fault(9);
        assertThat(order.next(queue).pageCount())
                .as("9 is here already, but a thread may wait again soon")
                .isEqualTo(FillOrder.MIN_RUN_PAGES);
    }

    @Test
    void byAddressAFaultChangesNothingButTheLengthOfRuns() {
        FillOrder order = new FillOrder(Order.ADDRESS, faulted, faults::get);
        PageQueue queue = queue(new HeatMap(PAGES), all());
        PageRange first = order.next(queue);
        fault(2005);
        assertThat(order.next(queue)).isEqualTo(new PageRange(first.end(), FillOrder.MIN_RUN_PAGES));
    }

    @Test
    void whateverFaultsEachMissingPageComesOnce() {
        Random random = TestSeed.random(FillOrderTest.class);
        for (int round = 0; round < 100; round++) {
            HeatMap heat = new HeatMap(PAGES);
            for (int i = 0; i < 500; i++) heat.learn(random.nextInt(PAGES), random.nextInt(256));
            PageSet missing = all();
            for (int i = 0; i < 20; i++) missing.removeRange(random.nextInt(PAGES - 100), random.nextInt(100));
            FillOrder order = new FillOrder(ORDERS.get(random.nextInt(ORDERS.size())), faulted, faults::get);
            PageQueue queue = queue(heat, missing);
            PageSet left = missing.copy();
            while (!queue.isEmpty()) {
                if (random.nextInt(4) == 0) fault(random.nextInt(PAGES));
                PageRange run = order.next(queue);
                assertThat(run.pageCount()).isLessThanOrEqualTo(FillOrder.MAX_RUN_PAGES);
                left.remove(run);
                PageSet queued = left.copy();
                queued.retainAll(queue.pages());
                assertThat(queue.pages())
                        .as("nothing is left in the queue that has come")
                        .isEqualTo(queued);
            }
            assertThat(left.isEmpty()).isTrue();
        }
    }

    private void fault(long page) {
        faulted.add(new PageRange(page, 1));
        faults.incrementAndGet();
    }

    private static List<PageRange> drain(FillOrder order, PageQueue queue) {
        List<PageRange> runs = new ArrayList<>();
        while (!queue.isEmpty()) runs.add(order.next(queue));
        return runs;
    }

    private static PageQueue queue(HeatMap heat, PageSet pages) {
        return new PageQueue(Order.HOT_FIRST, heat, page -> false, pages);
    }

    private static PageSet all() {
        PageSet all = new PageSet(PAGES);
        all.addRange(0, PAGES);
        return all;
    }

    private static PageSet pages(List<PageRange> runs) {
        PageSet pages = new PageSet(PAGES);
        runs.forEach(pages::add);
        return pages;
    }
}
