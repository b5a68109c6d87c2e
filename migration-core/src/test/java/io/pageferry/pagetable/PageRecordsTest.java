package io.pageferry.pagetable;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.linux.Descriptor;
import io.pageferry.page.PageRange;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;

class PageRecordsTest {
    private static final long PAGES = 1003;

    @Test
    void aBitOfAPageIsItsOwn() {
        try (Descriptor memory = PageRecords.create("test", PAGES);
                Arena arena = Arena.ofShared()) {
            PageRecords records = PageRecords.map(memory, PAGES, arena);
            PageRecords ofThePeer = PageRecords.map(memory, PAGES, arena);
            assertThat(records.set(1002, PageRecords.RELEASED)).isTrue();
            assertThat(records.set(1002, PageRecords.RELEASED)).isFalse();
            records.set(1002, PageRecords.STALE_ENTRY);
            records.set(1001, PageRecords.READ_ONLY);

            assertThat(ofThePeer.has(1002, PageRecords.RELEASED)).isTrue();
            assertThat(ofThePeer.has(1001, PageRecords.RELEASED)).isFalse();
            assertThat(ofThePeer.clear(1002, PageRecords.RELEASED)).isTrue();
            assertThat(records.clear(1002, PageRecords.RELEASED)).isFalse();
            assertThat(records.has(1002, PageRecords.STALE_ENTRY)).isTrue();
            assertThat(records.has(1001, PageRecords.READ_ONLY)).isTrue();
        }
    }

    @Test
    void theHeatOfAPageIsItsOwnAndLeavesTheBitsAlone() throws InterruptedException {
        try (Descriptor memory = PageRecords.create("test", 4);
                Arena arena = Arena.ofShared()) {
            PageRecords records = PageRecords.map(memory, 4, arena);
            for (int page = 0; page < 4; page++) records.setHeat(page, page);
            AtomicLong lost = new AtomicLong();
            atOnce(2, thread -> {
                for (int i = 0; i < 50_000; i++) {
                    if (thread == 0) {
                        records.setHeat(2, i & 3);
                        if (records.heat(2) != (i & 3)) lost.incrementAndGet();
                    } else {
                        if (!records.set(2, PageRecords.WRITTEN)) lost.incrementAndGet();
                        if (!records.clear(2, PageRecords.WRITTEN)) lost.incrementAndGet();
                    }
                }
            });
            assertThat(lost).hasValue(0);
            records.setHeat(2, 1);
            assertThat(records.heat(2)).isEqualTo(1);
            assertThat(records.heat(1)).isEqualTo(1);
            assertThat(records.heat(3)).isEqualTo(3);
            for (int bit = 1; bit <= PageRecords.WRITTEN; bit <<= 1)
                assertThat(records.has(3, bit)).isFalse();
        }
    }

    @Test
    void ofSeveralThreadsThatClearABitExactlyOneIsToldSo() throws InterruptedException {
        try (Descriptor memory = PageRecords.create("test", PAGES);
                Arena arena = Arena.ofShared()) {
            PageRecords records = PageRecords.map(memory, PAGES, arena);
            for (int round = 0; round < 50; round++) {
                records.setAll(new PageRange(0, PAGES), PageRecords.STALE_ENTRY);
                AtomicLong cleared = new AtomicLong();
                atOnce(4, _ -> cleared.addAndGet(records.clearAll(new PageRange(0, PAGES), PageRecords.STALE_ENTRY)));
                assertThat(cleared).hasValue(PAGES);
            }
        }
    }

    @Test
    void neighboursAreNotLostWhenSeveralThreadsSetBitsOfOneWord() throws InterruptedException {
        try (Descriptor memory = PageRecords.create("test", 4);
                Arena arena = Arena.ofShared()) {
            PageRecords records = PageRecords.map(memory, 4, arena);
            AtomicLong lost = new AtomicLong();
            atOnce(4, own -> {
                for (int i = 0; i < 50_000; i++) {
                    if (!records.set(own, PageRecords.READ_ONLY)) lost.incrementAndGet();
                    if (!records.has(own, PageRecords.READ_ONLY)) lost.incrementAndGet();
                    if (!records.clear(own, PageRecords.READ_ONLY)) lost.incrementAndGet();
                }
            });
            assertThat(lost).hasValue(0);
        }
    }

    @Test
    void aRangeOfAnyBeginAndEndIsSetAndClearedToThePage() {
        try (Descriptor memory = PageRecords.create("test", 13);
                Arena arena = Arena.ofShared()) {
            PageRecords records = PageRecords.map(memory, 13, arena);
            for (int first = 0; first < 13; first++) {
                for (int end = first + 1; end <= 13; end++) {
                    PageRange range = PageRange.between(first, end);
                    records.setAll(range, PageRecords.WRITTEN);
                    assertThat(records.hasAny(PageRecords.WRITTEN)).isTrue();
                    for (int page = 0; page < 13; page++) {
                        assertThat(records.has(page, PageRecords.WRITTEN)).isEqualTo(page >= first && page < end);
                    }
                    assertThat(records.clearAll(new PageRange(0, 13), PageRecords.WRITTEN))
                            .isEqualTo(range.pageCount());
                    records.setAll(new PageRange(0, 13), PageRecords.RELEASED);
                    assertThat(records.clearAll(range, PageRecords.RELEASED)).isEqualTo(range.pageCount());
                    for (int page = 0; page < 13; page++) {
                        assertThat(records.has(page, PageRecords.RELEASED)).isEqualTo(page < first || page >= end);
                    }
                    assertThat(records.hasAny(PageRecords.WRITTEN)).isFalse();
                }
            }
        }
    }

    /** Runs so many threads, which begin at one moment, to their ends; each is told its number. */
    private static void atOnce(int count, IntConsumer task) throws InterruptedException {
        CyclicBarrier start = new CyclicBarrier(count);
        AtomicLong ended = new AtomicLong();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int number = i;
            threads.add(Thread.ofPlatform().start(() -> {
                awaitAll(start);
                task.accept(number);
                ended.incrementAndGet();
            }));
        }
        for (Thread thread : threads) thread.join();
        assertThat(ended).as("threads that came to their end").hasValue(count);
    }

    private static void awaitAll(CyclicBarrier start) {
        try {
            start.await();
        } catch (InterruptedException | BrokenBarrierException ended) {
            throw new IllegalStateException(ended);
        }
    }
}
