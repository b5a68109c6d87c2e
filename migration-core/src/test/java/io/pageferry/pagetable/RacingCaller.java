package io.pageferry.pagetable;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.linux.Pagemap;
import io.pageferry.page.PageRange;
import io.pageferry.page.PageSet;
import io.pageferry.pagetable.PageTableModel.Known;
import io.pageferry.testing.PresentPages;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;

/** A thread of a program that reads, writes, releases, maps and protects pages that are its own, and knows what must hold of them. */
final class RacingCaller {
    private static final int BLOCK = 8;
    private static final long PAGE = PageTables.PAGE_BYTES;

    private final PageTables tables;
    private final int self;
    private final int callers;
    private final Random random;
    private final Pagemap pagemap = Pagemap.owning(Pagemap.openOwn());
    private final long[] content;
    private final boolean[] isDefined;
    private final boolean[] isReleased;
    /** Whether the page had an entry in the migration table when the pointer moved. */
    private final Known[] hadEntry;
    /** Pages that were touched by a pointer which was out of date: such an entry is not stale, and may be there for good. */
    private final PageSet strayed;

    private long nextValue;

    /** Blocks of pages belong to the callers in turn. */
    RacingCaller(PageTables tables, int self, int callers, long seed) {
        int pageCount = (int) tables.pageCount();
        this.tables = tables;
        this.self = self;
        this.callers = callers;
        this.random = new Random(seed);
        this.nextValue = 1 + self * 1_000_000_000L;
        this.content = new long[pageCount];
        this.isDefined = new boolean[pageCount];
        this.isReleased = new boolean[pageCount];
        this.hadEntry = new Known[pageCount];
        Arrays.fill(hadEntry, Known.NO);
        this.strayed = new PageSet(pageCount);
    }

    /** Uses its pages until it is over. */
    Void run(CyclicBarrier start, AtomicBoolean over) throws Exception {
        for (int page = 0; page < content.length; page++) {
            if (isMine(page) && random.nextInt(4) > 0) write(page);
        }
        start.await();
        while (!over.get()) step();
        for (int i = 0; i < 20; i++) step();
        return null;
    }

    private boolean isMine(int page) {
        return page / BLOCK % callers == self;
    }

    private void step() {
        int blocks = content.length / BLOCK / callers;
        int first = (random.nextInt(blocks) * callers + self) * BLOCK + random.nextInt(BLOCK);
        PageRange pages = new PageRange(first, 1 + random.nextInt(BLOCK - first % BLOCK));
        switch (random.nextInt(6)) {
            case 0 -> write(first);
            case 1 -> read(first);
            case 2 -> release(pages);
            case 3 -> map(first);
            default -> protect(pages);
        }
    }

    private void write(int page) {
        MemorySegment memory = tables.current();
        memory.set(ValueLayout.JAVA_LONG, page * PAGE, nextValue);
        touched(page, memory);
        content[page] = nextValue++;
        isDefined[page] = true;
    }

    private void read(int page) {
        MemorySegment memory = tables.current();
        long value = memory.get(ValueLayout.JAVA_LONG, page * PAGE);
        touched(page, memory);
        if (isDefined[page]) assertThat(value).as("page " + page).isEqualTo(content[page]);
    }

    private void touched(int page, MemorySegment memory) {
        if (memory.address() != tables.address(Table.MIGRATION)) return;
        if (tables.pointer() == Table.MIGRATION) {
            hadEntry[page] = Known.YES;
        } else {
            strayed.add(page);
            if (hadEntry[page] == Known.NO) hadEntry[page] = Known.EITHER;
        }
    }

    private void release(PageRange pages) {
        boolean hasSwitched = tables.pointer() == Table.PARTITION;
        tables.release(pages);
        boolean isBeforeSwitch = tables.pointer() == Table.MIGRATION;
        for (int page = (int) pages.firstPage(); page < pages.end(); page++) {
            isDefined[page] = false;
            isReleased[page] = true;
            // With its frame goes its entry, which is not stale before the switch: then nothing is recorded.
            if (!hasSwitched) hadEntry[page] = isBeforeSwitch ? Known.NO : Known.EITHER;
        }
        check(pages, hasSwitched);
    }

    private void map(int page) {
        if (!isReleased[page]) return;
        boolean hasSwitched = tables.pointer() == Table.PARTITION;
        tables.map(new PageRange(page, 1));
        isReleased[page] = false;
        isDefined[page] = true;
        content[page] = 0;
        check(new PageRange(page, 1), hasSwitched);
    }

    private void protect(PageRange pages) {
        boolean hasSwitched = tables.pointer() == Table.PARTITION;
        tables.protect(pages, random.nextBoolean());
        check(pages, hasSwitched);
    }

    /** What holds when a call has returned that began after the pointer had moved. */
    private void check(PageRange pages, boolean hasSwitched) {
        if (!hasSwitched) return;
        long base = tables.address(Table.MIGRATION) + pages.firstPage() * PAGE;
        PageSet present = PresentPages.of(pagemap, base, pages.pageCount());
        for (int page = (int) pages.firstPage(); page < pages.end(); page++) {
            if (!strayed.contains(page)) {
                assertThat(present.contains(page - pages.firstPage()))
                        .as("a stale entry of page " + page)
                        .isFalse();
            }
            checkRecord(page);
        }
    }

    private void checkRecord(int page) {
        for (int bit : new int[] {PageRecords.REFERENCED, PageRecords.WRITTEN}) {
            boolean isRecorded = tables.records().has(page, bit);
            if (hadEntry[page] != Known.EITHER) {
                assertThat(isRecorded).as("bit " + bit + " of page " + page).isEqualTo(hadEntry[page] == Known.YES);
            }
        }
    }

    /** When all is over: contents, entries and records of all its pages. */
    void checkAll() {
        PageSet present = PresentPages.of(pagemap, tables.address(Table.MIGRATION), tables.pageCount());
        for (int page = 0; page < content.length; page++) {
            if (!isMine(page)) continue;
            checkRecord(page);
            if (!strayed.contains(page))
                assertThat(present.contains(page)).as("page " + page).isFalse();
            if (isDefined[page]) {
                assertThat(tables.current().get(ValueLayout.JAVA_LONG, page * PAGE))
                        .as("page " + page)
                        .isEqualTo(content[page]);
            }
        }
        pagemap.close();
    }
}
