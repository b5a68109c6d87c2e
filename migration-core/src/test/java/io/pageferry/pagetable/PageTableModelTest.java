package io.pageferry.pagetable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.linux.Mapping;
import io.pageferry.linux.Pagemap;
import io.pageferry.linux.Userfaultfd;
import io.pageferry.linux.Userfaultfd.Mode;
import io.pageferry.linux.UserfaultfdFactory;
import io.pageferry.page.PageRange;
import io.pageferry.page.PageSet;
import io.pageferry.pager.ResidentPages;
import io.pageferry.pagetable.PageTableModel.Known;
import io.pageferry.testing.KernelRequirement;
import io.pageferry.testing.PresentPages;
import io.pageferry.testing.TestSeed;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Random interleavings of a partition's calls, its accesses (by the pointer, and by one that is out of date), arrivals, the
 * switch, the scavenger, an agent that dies, and migrations that begin and are cancelled, on real page tables, each step held
 * against {@link PageTableModel}.
 */
class PageTableModelTest {
    private static final int PAGES = 48;
    private static final long PAGE = PageTables.PAGE_BYTES;
    private static final int EPISODES = 400;
    private static final int STEPS = 60;

    private final PageTableModel model = new PageTableModel(PAGES);
    private final MemorySegment source = Arena.global().allocate(PAGE, PAGE);
    private Random random = new Random();
    private PageTables tables;
    private Userfaultfd faults;
    private Pagemap pagemap;
    private MemorySegment outOfDate;
    private long nextValue = 1;
    private int sweepAt;
    private long sweptNow;
    private boolean writesTracked;

    @BeforeEach
    void start() {
        KernelRequirement.userfaultfd();
        random = TestSeed.random(PageTableModelTest.class);
        tables = PageTables.create("model", PAGES * PAGE);
        faults = UserfaultfdFactory.create().userfaultfd();
        pagemap = Pagemap.owning(Pagemap.openOwn());
        outOfDate = tables.current();
        faults.register(tables.address(Table.PARTITION), PAGES * PAGE, Mode.WRITE_PROTECT);
    }

    @AfterEach
    void stop() {
        faults.close();
        pagemap.close();
        tables.close();
    }

    @Test
    void everyInterleavingEndsAsTheModelSays() {
        for (int episode = 0; episode < EPISODES; episode++) {
            arrive();
            for (int step = random.nextInt(STEPS); step > 0; step--) step();
            if (random.nextInt(4) > 0) switchTables();
            for (int step = random.nextInt(STEPS); step > 0; step--) step();
            check();
        }
    }

    /** The partition has departed, whatever was going on, and memory begins to arrive anew. */
    private void arrive() {
        tables.empty();
        model.empty();
        if (writesTracked) trackWrites(false);
        faults.register(tables.address(Table.MIGRATION), PAGES * PAGE, Mode.MISSING_AND_WRITE_PROTECT);
        faults.writeProtect(tables.address(Table.MIGRATION), PAGES * PAGE);
        assertThat(PresentPages.of(pagemap, tables.address(Table.MIGRATION), PAGES)
                        .isEmpty())
                .isTrue();
        prefetch();
        assertThat(tables.migrationTableUse()).isEqualTo(TableUse.FREE);
        tables.pointTo(Table.MIGRATION);
        model.arriving = true;
        outOfDate = tables.current();
    }

    /** What came before the program runs is in the memory, and in no table. */
    private void prefetch() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment own =
                    Mapping.readWrite(tables.memory(), PAGES * PAGE, arena).segment();
            for (int page = 0; page < PAGES; page++) {
                if (random.nextInt(3) > 0) {
                    own.set(ValueLayout.JAVA_LONG, page * PAGE, nextValue);
                    model.holds(page, nextValue++);
                }
            }
        }
    }

    private void step() {
        int page = random.nextInt(PAGES);
        switch (random.nextInt(12)) {
            case 0, 1 -> read(page);
            case 2, 3 -> write(page);
            case 4 -> staleAccess(page);
            case 5 -> release(range());
            case 6 -> protect(range());
            case 7 -> map(page);
            case 8 -> fillInBackground(page);
            case 9, 10 -> sweepPortion();
            default -> disturb();
        }
        assertThat(tables.migrationTableUse()).isEqualTo(model.use());
        if (!model.arriving) {
            assertThat(tables.invalidatedByCalls() + sweptNow).isEqualTo(model.invalidated);
        }
    }

    private void read(int page) {
        beThere(page);
        long value = tables.current().get(ValueLayout.JAVA_LONG, page * PAGE);
        if (model.defined[page]) assertThat(value).as("page " + page).isEqualTo(model.content[page]);
        model.resident[page] = true;
        if (model.arriving) model.entry(page, Known.NO);
    }

    private void write(int page) {
        beThere(page);
        tables.current().set(ValueLayout.JAVA_LONG, page * PAGE, nextValue);
        model.holds(page, nextValue++);
        if (model.arriving) model.entry(page, Known.YES);
    }

    /** Through the migration table, by a pointer that was taken when it was the one to use. */
    private void staleAccess(int page) {
        if (!model.resident[page]) return;
        long value = outOfDate.get(ValueLayout.JAVA_LONG, page * PAGE);
        if (model.defined[page]) assertThat(value).isEqualTo(model.content[page]);
        model.entry(page, Known.EITHER);
        if (random.nextBoolean()) {
            outOfDate.set(ValueLayout.JAVA_LONG, page * PAGE, nextValue);
            model.holds(page, nextValue++);
            model.entry(page, Known.YES);
        }
    }

    /** A touch of a page that is missing waits until it has come: here, until this has filled it. */
    private void beThere(int page) {
        if (!model.arriving || model.resident[page]) return;
        fill(page, !model.released[page]);
    }

    private void fillInBackground(int page) {
        // What was fetched before its page was released may be filled in after: the content of such a page is not
        // defined.
        boolean late = model.released[page] && random.nextBoolean();
        if (model.arriving && !model.resident[page]) fill(page, late || !model.released[page]);
    }

    private void fill(int page, boolean withContent) {
        long address = tables.address(Table.MIGRATION) + page * PAGE;
        if (withContent) {
            source.set(ValueLayout.JAVA_LONG, 0, nextValue);
            assertThat(faults.copy(address, source.address(), PAGE).sizeBytes()).isEqualTo(PAGE);
        } else {
            assertThat(faults.zero(address, PAGE).sizeBytes()).isEqualTo(PAGE);
        }
        boolean wasReleased = model.released[page];
        model.holds(page, withContent ? nextValue++ : 0);
        if (wasReleased) model.defined[page] = false;
        // The kernel makes an entry of its own, on which nothing is armed.
        model.entryUsed[page] = Known.EITHER;
        model.entryWritten[page] = Known.EITHER;
    }

    private void release(PageRange pages) {
        tables.release(pages);
        for (long page = pages.firstPage(); page < pages.end(); page++) model.released((int) page);
    }

    private void protect(PageRange pages) {
        boolean readOnly = random.nextBoolean();
        tables.protect(pages, readOnly);
        for (long page = pages.firstPage(); page < pages.end(); page++) {
            model.readOnly[(int) page] = readOnly;
            model.invalidate((int) page);
        }
    }

    private void map(int page) {
        if (!model.released[page]) return;
        tables.map(new PageRange(page, 1));
        model.invalidate(page);
        model.released[page] = false;
        model.holds(page, 0);
    }

    /** All that is missing comes, and the pointer moves. */
    private void switchTables() {
        if (!model.arriving) return;
        for (int page = 0; page < PAGES; page++) {
            if (!model.resident[page] && !model.released[page]) fill(page, true);
        }
        tables.populate(Table.PARTITION, tables.all(), true);
        tables.pointTo(Table.PARTITION);
        model.switched();
        sweepAt = 0;
        sweptNow = 0;
        assertThatThrownBy(() -> tables.pointTo(Table.MIGRATION))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not free");
    }

    private void sweepPortion() {
        if (model.arriving) return;
        int end = Math.min(PAGES, sweepAt + 1 + random.nextInt(12));
        sweptNow += tables.sweep(PageRange.between(sweepAt, end));
        PageSet present = PresentPages.of(pagemap, tables.address(Table.MIGRATION), PAGES);
        for (int page = sweepAt; page < end; page++) {
            boolean wasStale = model.stale[page];
            model.invalidate(page);
            if (wasStale)
                assertThat(present.contains(page)).as("entry of page " + page).isFalse();
        }
        sweepAt = end == PAGES ? 0 : end;
    }

    /** An agent dies and the next begins to sweep anew; a migration begins, and tracks writes; it is cancelled, some steps later. */
    private void disturb() {
        if (model.arriving) return;
        if (random.nextInt(3) == 0) {
            faults.unregister(tables.address(Table.MIGRATION), PAGES * PAGE);
            faults.register(tables.address(Table.MIGRATION), PAGES * PAGE, Mode.WRITE_PROTECT);
            sweepAt = 0;
        } else {
            trackWrites(!writesTracked);
        }
        model.writesBlurred();
        tables.pointTo(Table.PARTITION);
    }

    private void trackWrites(boolean track) {
        for (Table table : Table.values()) {
            if (track) faults.writeProtect(tables.address(table), PAGES * PAGE);
            else faults.removeWriteProtection(tables.address(table), PAGES * PAGE);
        }
        writesTracked = track;
    }

    private PageRange range() {
        int first = random.nextInt(PAGES);
        return new PageRange(first, 1 + random.nextInt(Math.min(6, PAGES - first)));
    }

    private void check() {
        assertThat(ResidentPages.of(tables.memory(), PAGES).snapshot()).isEqualTo(model.residentPages());
        for (int page = 0; page < PAGES; page++) {
            PageRecords records = tables.records();
            assertThat(records.has(page, PageRecords.STALE_ENTRY)).isEqualTo(model.stale[page]);
            assertThat(records.has(page, PageRecords.RELEASED)).isEqualTo(model.released[page]);
            assertThat(records.has(page, PageRecords.READ_ONLY)).isEqualTo(model.readOnly[page]);
            check("used " + page, model.recordUsed[page], records.has(page, PageRecords.REFERENCED));
            check("written " + page, model.recordWritten[page], records.has(page, PageRecords.WRITTEN));
            if (model.resident[page] && model.defined[page]) {
                assertThat(tables.current().get(ValueLayout.JAVA_LONG, page * PAGE))
                        .isEqualTo(model.content[page]);
            }
        }
    }

    private static void check(String what, Known known, boolean is) {
        if (known != Known.EITHER) assertThat(is).as(what).isEqualTo(known == Known.YES);
    }
}
