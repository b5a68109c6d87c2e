package io.pageferry.pagetable;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.linux.Descriptor;
import io.pageferry.page.PageRange;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
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
            Thread setter = Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 50_000; i++) records.setHeat(2, i & 3);
                records.setHeat(2, 1);
            });
            for (int i = 0; i < 50_000; i++) {
                assertThat(records.set(2, PageRecords.WRITTEN)).isTrue();
                assertThat(records.clear(2, PageRecords.WRITTEN)).isTrue();
            }
            setter.join();
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
                List<Thread> threads = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    threads.add(Thread.ofPlatform()
                            .start(() -> cleared.addAndGet(
                                    records.clearAll(new PageRange(0, PAGES), PageRecords.STALE_ENTRY))));
                }
                for (Thread thread : threads) thread.join();
                assertThat(cleared).hasValue(PAGES);
            }
        }
    }

    @Test
    void neighboursAreNotLostWhenSeveralThreadsSetBitsOfOneWord() throws InterruptedException {
        try (Descriptor memory = PageRecords.create("test", 4);
                Arena arena = Arena.ofShared()) {
            PageRecords records = PageRecords.map(memory, 4, arena);
            List<Thread> threads = new ArrayList<>();
            AtomicLong lost = new AtomicLong();
            for (int page = 0; page < 4; page++) {
                long own = page;
                threads.add(Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < 50_000; i++) {
                        records.set(own, PageRecords.READ_ONLY);
                        if (!records.has(own, PageRecords.READ_ONLY)) lost.incrementAndGet();
                        if (!records.clear(own, PageRecords.READ_ONLY)) lost.incrementAndGet();
                    }
                }));
            }
            for (Thread thread : threads) thread.join();
            assertThat(lost).hasValue(0);
        }
    }
}
