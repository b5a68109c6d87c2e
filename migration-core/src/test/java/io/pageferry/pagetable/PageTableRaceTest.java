package io.pageferry.pagetable;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.linux.Userfaultfd;
import io.pageferry.linux.UserfaultfdFactory;
import io.pageferry.page.PageRange;
import io.pageferry.testing.KernelRequirement;
import io.pageferry.testing.TestSeed;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Threads that call and access, each its own pages, while the pointer moves and the sweep goes through the table. */
class PageTableRaceTest {
    private static final int PAGES = 2048;
    private static final int CALLERS = 3;
    private static final int ROUNDS = 25;

    private final Random random = TestSeed.random(PageTableRaceTest.class);

    @Test
    void whenACallReturnsAfterTheSwitchItsPagesHaveNoStaleEntryAndTheirRecordHasWhatItTold() throws Exception {
        KernelRequirement.userfaultfd();
        try (PageTables tables = PageTables.create("race", (long) PAGES * PageTables.PAGE_BYTES);
                Userfaultfd faults = UserfaultfdFactory.create().userfaultfd();
                ExecutorService threads = Executors.newCachedThreadPool()) {
            // Where writes can be watched the kernel makes no entries of a page's neighbours.
            faults.register(tables.address(Table.MIGRATION), tables.sizeBytes(), Userfaultfd.Mode.WRITE_PROTECT);
            long byCalls = 0;
            for (int round = 0; round < ROUNDS; round++) {
                tables.empty();
                tables.pointTo(Table.MIGRATION);
                byCalls += race(tables, threads);
            }
            assertThat(byCalls).as("calls came first for some").isPositive();
        }
    }

    private long race(PageTables tables, ExecutorService threads) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        CyclicBarrier start = new CyclicBarrier(CALLERS + 1);
        List<RacingCaller> callers = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) callers.add(new RacingCaller(tables, i, CALLERS, random.nextLong()));
        List<Future<?>> running = new ArrayList<>();
        for (RacingCaller caller : callers) running.add(threads.submit(() -> caller.run(start, over)));
        long swept;
        try {
            swept = switchAndSweep(tables, start);
        } finally {
            over.set(true);
        }
        for (Future<?> each : running) each.get();
        assertThat(swept + tables.invalidatedByCalls()).as("each once").isEqualTo(PAGES);
        assertThat(tables.migrationTableUse()).isEqualTo(TableUse.FREE);
        assertThat(tables.records().hasAny(PageRecords.STALE_ENTRY)).isFalse();
        callers.forEach(RacingCaller::checkAll);
        return tables.invalidatedByCalls();
    }

    private long switchAndSweep(PageTables tables, CyclicBarrier start) throws Exception {
        start.await(1, TimeUnit.MINUTES);
        Thread.sleep(0, random.nextInt(900_000));
        tables.populate(Table.PARTITION, tables.all(), true);
        tables.pointTo(Table.PARTITION);
        int portionPages = 1 + random.nextInt(PAGES);
        long swept = 0;
        for (long page = 0; page < PAGES; page += portionPages) {
            swept += tables.sweep(PageRange.between(page, Math.min(PAGES, page + portionPages)));
        }
        return swept;
    }
}
