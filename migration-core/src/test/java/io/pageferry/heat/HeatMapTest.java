package io.pageferry.heat;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.page.PageSet;
import org.junit.jupiter.api.Test;

class HeatMapTest {
    private static final int PAGES = 8;

    @Test
    void aPageUsedInEveryIntervalBecomesHotAndOneNeverUsedStaysCold() {
        HeatMap heat = new HeatMap(PAGES);
        for (int i = 0; i < 20; i++) heat.sampled(pages(1, 2), pages(2));
        assertThat(heat.use(0)).isEqualTo(HeatClass.COLD);
        assertThat(heat.use(1)).isEqualTo(HeatClass.HOT);
        assertThat(heat.writes(1)).isEqualTo(HeatClass.COLD);
        assertThat(heat.writes(2)).isEqualTo(HeatClass.HOT);
    }

    @Test
    void heatDecaysToColdOnceAPageIsNoLongerUsed() {
        HeatMap heat = new HeatMap(PAGES);
        for (int i = 0; i < 20; i++) heat.sampled(pages(1), pages(1));
        HeatClass before = heat.use(1);
        for (int i = 0; i < 80; i++) {
            heat.sampled(pages(), pages());
            assertThat(heat.use(1)).isLessThanOrEqualTo(before);
            before = heat.use(1);
        }
        assertThat(heat.use(1)).isEqualTo(HeatClass.COLD);
        assertThat(heat.writes(1)).isEqualTo(HeatClass.COLD);
    }

    @Test
    void theMoreOftenAPageIsUsedTheHotterItIs() {
        HeatMap heat = new HeatMap(PAGES);
        for (int i = 0; i < 200; i++) {
            PageSet used = pages(0);
            if (i % 3 != 0) used.add(1);
            if (i % 5 == 0) used.add(2);
            heat.sampled(used, pages());
        }
        assertThat(heat.use(0)).isEqualTo(HeatClass.HOT);
        assertThat(heat.use(1)).isGreaterThanOrEqualTo(HeatClass.WARM);
        assertThat(heat.use(2)).isBetween(HeatClass.COOL, HeatClass.WARM);
        assertThat(heat.use(3)).isEqualTo(HeatClass.COLD);
    }

    @Test
    void aPageIsObservedReadOnlyWhenItWasSeenAndNotWritten() {
        HeatMap heat = new HeatMap(PAGES);
        assertThat(heat.isObservedReadOnly(0)).as("nothing is known").isFalse();
        heat.sampled(pages(0, 1), pages(1));
        assertThat(heat.isObservedReadOnly(0)).isTrue();
        assertThat(heat.isObservedReadOnly(1)).isFalse();
    }

    @Test
    void aMapThatMovesAgainAndAgainStaysWhatItWas() {
        HeatMap first = new HeatMap(PAGES);
        for (int i = 0; i < 60; i++) {
            PageSet used = pages(1);
            if (i % 2 == 0) used.add(2);
            if (i % 6 == 0) used.add(3);
            if (i == 58) used.add(4);
            first.sampled(used, i % 3 == 0 ? used : pages());
        }
        HeatMap from = first;
        for (int move = 0; move < 5; move++) {
            HeatMap to = new HeatMap(PAGES);
            for (int page = 0; page < PAGES; page++) to.learn(page, from.levels(page));
            assertThat(to.isKnown()).isTrue();
            from = to;
        }
        for (int page = 0; page < PAGES; page++) {
            assertThat(from.levels(page)).isEqualTo(first.levels(page));
            assertThat(from.use(page)).isEqualTo(first.use(page));
            assertThat(from.writes(page)).isEqualTo(first.writes(page));
        }
    }

    private static PageSet pages(long... indexes) {
        PageSet pages = new PageSet(PAGES);
        for (long index : indexes) pages.add(index);
        return pages;
    }
}
