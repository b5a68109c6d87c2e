package io.pageferry.pagetable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.linux.FileCalls;
import io.pageferry.linux.Pagemap;
import io.pageferry.page.PageRange;
import io.pageferry.page.PageSet;
import io.pageferry.testing.PresentPages;
import io.pageferry.testing.TestSeed;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PageTablesTest {
    private static final int PAGE = PageTables.PAGE_BYTES;
    private static final int PAGES = 4096;

    @Test
    void bothTablesReachTheSameMemoryWhicheverThePointerIsAt() {
        try (PageTables tables = create()) {
            MemorySegment partition = tables.current();
            assertThat(tables.pointer()).isEqualTo(Table.PARTITION);
            tables.pointTo(Table.MIGRATION);
            MemorySegment migration = tables.current();
            assertThat(tables.pointer()).isEqualTo(Table.MIGRATION);
            assertThat(migration.address()).isNotEqualTo(partition.address());
            migration.set(ValueLayout.JAVA_LONG, 77L * PAGE, 4711);
            assertThat(partition.get(ValueLayout.JAVA_LONG, 77L * PAGE)).isEqualTo(4711);
        }
    }

    @Test
    void populateMakesEntriesOfWhatIsThereAndAllocatesNoHole() {
        try (PageTables tables = create()) {
            touch(tables, 3, 10);
            touch(tables, 100, 101);
            tables.dropEntries(Table.PARTITION, tables.all());
            tables.populate(Table.PARTITION, new PageRange(0, 100), true);

            assertThat(present(tables, Table.PARTITION).ranges()).containsExactly(PageRange.between(3, 10));
            tables.populate(Table.PARTITION, tables.all(), false);
            assertThat(present(tables, Table.PARTITION).size()).isEqualTo(8);
            assertThat(FileCalls.nextHole(tables.memory(), 3L * PAGE)).isEqualTo(10L * PAGE);
        }
    }

    @Test
    void droppedEntriesKeepTheDataAndAReleasedPageKeepsNothing() {
        try (PageTables tables = create()) {
            touch(tables, 0, 4);
            tables.dropEntries(Table.PARTITION, tables.all());
            assertThat(present(tables, Table.PARTITION).isEmpty()).isTrue();
            assertThat(tables.current().get(ValueLayout.JAVA_LONG, 2L * PAGE)).isEqualTo(2);

            tables.release(new PageRange(2, 1));
            assertThat(tables.records().has(2, PageRecords.RELEASED)).isTrue();
            assertThat(FileCalls.nextHole(tables.memory(), 0)).isEqualTo(2L * PAGE);
            assertThat(present(tables, Table.PARTITION).contains(2)).isFalse();
            tables.empty();
            assertThat(tables.records().has(2, PageRecords.RELEASED)).isFalse();
            assertThat(FileCalls.nextData(tables.memory(), 0)).isEqualTo(-1);
        }
    }

    @Test
    void afterTheSwitchEachStaleEntryIsInvalidatedOnceBySweepOrByThePageTableCallThatComesFirst() throws Exception {
        Random random = TestSeed.random(PageTablesTest.class);
        try (PageTables tables = create()) {
            for (int round = 0; round < 10; round++) {
                tables.pointTo(Table.MIGRATION);
                touch(tables, 0, PAGES);
                tables.populate(Table.PARTITION, tables.all(), true);
                tables.pointTo(Table.PARTITION);
                assertThat(present(tables, Table.MIGRATION).size()).isEqualTo(PAGES);

                AtomicLong swept = new AtomicLong();
                List<Thread> threads = new ArrayList<>();
                for (int i = 0; i < 2; i++) threads.add(callsOn(tables, random.nextLong()));
                threads.add(sweepOf(tables, swept, 1 + random.nextInt(97)));
                for (Thread thread : threads) thread.join();

                assertThat(swept.get() + tables.invalidatedByCalls()).isEqualTo(PAGES);
                assertThat(present(tables, Table.MIGRATION).isEmpty()).isTrue();
                assertThat(tables.sweep(tables.all())).isZero();
            }
        }
    }

    @Test
    void aStalePointerStillReadsAndWritesTheSameMemoryAfterTheSweep() {
        try (PageTables tables = create()) {
            tables.pointTo(Table.MIGRATION);
            MemorySegment stale = tables.current();
            touch(tables, 0, 16);
            tables.pointTo(Table.PARTITION);
            tables.sweep(tables.all());
            stale.set(ValueLayout.JAVA_LONG, 5L * PAGE, 99);
            tables.current().set(ValueLayout.JAVA_LONG, 6L * PAGE, 98);

            assertThat(tables.current().get(ValueLayout.JAVA_LONG, 5L * PAGE)).isEqualTo(99);
            assertThat(stale.get(ValueLayout.JAVA_LONG, 6L * PAGE)).isEqualTo(98);
        }
    }

    @Test
    void aSizeThatIsNoMultipleOfThePageIsRefused() {
        for (long sizeBytes : new long[] {0, -PAGE, 1, PAGE + 1, PageTables.MAX_SIZE_BYTES + PAGE}) {
            assertThatThrownBy(() -> PageTables.create("test", sizeBytes))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("a positive multiple of 4096 bytes")
                    .hasMessageEndingWith("not " + sizeBytes);
        }
    }

    private static PageTables create() {
        return PageTables.create("test", (long) PAGES * PAGE);
    }

    private static void touch(PageTables tables, int from, int end) {
        for (int page = from; page < end; page++) {
            tables.current().set(ValueLayout.JAVA_LONG, (long) page * PAGE, page);
        }
    }

    private static Thread callsOn(PageTables tables, long seed) {
        Random random = new Random(seed);
        return Thread.ofPlatform().start(() -> {
            for (int i = 0; i < 300; i++) {
                PageRange pages = new PageRange(random.nextInt(PAGES - 8), 1 + random.nextInt(8));
                if (random.nextBoolean()) tables.release(pages);
                else tables.protect(pages, random.nextBoolean());
            }
        });
    }

    private static Thread sweepOf(PageTables tables, AtomicLong swept, int portionPages) {
        return Thread.ofPlatform().start(() -> {
            for (long page = 0; page < PAGES; page += portionPages) {
                swept.addAndGet(tables.sweep(PageRange.between(page, Math.min(PAGES, page + portionPages))));
            }
        });
    }

    private static PageSet present(PageTables tables, Table table) {
        try (Pagemap own = Pagemap.owning(Pagemap.openOwn())) {
            return PresentPages.of(own, tables.address(table), tables.pageCount());
        }
    }
}
