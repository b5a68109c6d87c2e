package io.pageferry.pagetable;

import io.pageferry.linux.Mapping;
import io.pageferry.page.PageRange;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * The entries of the migration table that the switch makes stale. Each is marked in its page's record, and invalidated once, by
 * the sweep or by a call of the partition, whoever comes first: what it has recorded is merged into the page's record, the entry is
 * dropped, and then the mark is cleared.
 *
 * <p>Invariants, kept by a lock a stretch of pages: from the moment at which the pointer has moved every page counts as marked,
 * also where its mark is yet to be set; and a page without a mark has no stale entry any more. So whoever calls on a page waits while
 * its stretch is marked or invalidated, some 0.2 ms, and when the call returns, the entry is gone.
 *
 * <p>Thread-safe.
 */
final class StaleEntries {
    /** The pages whose entries are in one page of the page table: the kernel, too, has one lock for them. */
    private static final int STRETCH_PAGES = 512;

    private static final int LOCKS = 64;

    private final PageRecords records;
    private final Mapping table;
    private final EntryRecorder recorder;
    private final BooleanSupplier hasSwitched;
    private final Object[] locks = new Object[LOCKS];
    private final boolean[] isToMark;
    private final AtomicLong count = new AtomicLong();

    /** @param hasSwitched whether the pointer is at the partition table now */
    StaleEntries(PageRecords records, Mapping table, EntryRecorder recorder, BooleanSupplier hasSwitched) {
        this.records = records;
        this.table = table;
        this.recorder = recorder;
        this.hasSwitched = hasSwitched;
        this.isToMark = new boolean[Math.toIntExact((records.pageCount() + STRETCH_PAGES - 1) / STRETCH_PAGES)];
        Arrays.setAll(locks, index -> new Object());
    }

    /** How many there are that are not invalidated. */
    long count() {
        return count.get();
    }

    /** The pointer is about to leave the migration table. Counted before it moves, so that the table never seems free while it is not. */
    void expect() {
        Arrays.fill(isToMark, true);
        count.addAndGet(records.pageCount());
    }

    /** The pointer has moved: sets every mark that is not set by now. */
    void markAll() {
        for (int stretch = 0; stretch < isToMark.length; stretch++) {
            synchronized (lock(stretch)) {
                markIfToMark(stretch);
            }
        }
    }

    /**
     * Invalidates what is stale of a range.
     *
     * @return how many entries this call has invalidated
     */
    long invalidate(PageRange pages) {
        if (count.get() == 0) return 0;
        long invalidated = 0;
        for (long first = pages.firstPage(); first < pages.end(); ) {
            int stretch = (int) (first / STRETCH_PAGES);
            long end = Math.min(pages.end(), (stretch + 1L) * STRETCH_PAGES);
            synchronized (lock(stretch)) {
                invalidated += invalidate(stretch, PageRange.between(first, end));
            }
            first = end;
        }
        return invalidated;
    }

    /** Says that so many, which {@link #invalidate} has returned, are gone for all who ask for the {@link #count}. */
    void invalidated(long entries) {
        if (entries != 0) count.addAndGet(-entries);
    }

    /** All entries are gone, and all marks: the memory was given back. */
    void reset() {
        Arrays.fill(isToMark, false);
        count.set(0);
    }

    private Object lock(int stretch) {
        return locks[stretch % LOCKS];
    }

    private void markIfToMark(int stretch) {
        if (!isToMark[stretch]) return;
        isToMark[stretch] = false;
        long first = (long) stretch * STRETCH_PAGES;
        long end = Math.min(first + STRETCH_PAGES, records.pageCount());
        records.setAll(PageRange.between(first, end), PageRecords.STALE_ENTRY);
    }

    private long invalidate(int stretch, PageRange pages) {
        // Before the pointer has moved an entry is not stale: one that were dropped now could be made anew, and have no
        // mark.
        if (isToMark[stretch] && !hasSwitched.getAsBoolean()) return 0;
        markIfToMark(stretch);
        long invalidated = 0;
        for (long first = nextMarked(pages.firstPage(), pages.end()); first < pages.end(); ) {
            long end = first + 1;
            while (end < pages.end() && records.has(end, PageRecords.STALE_ENTRY)) end++;
            invalidateRun(PageRange.between(first, end));
            invalidated += end - first;
            first = nextMarked(end, pages.end());
        }
        return invalidated;
    }

    private long nextMarked(long from, long end) {
        long page = from;
        while (page < end && !records.has(page, PageRecords.STALE_ENTRY)) page++;
        return page;
    }

    private void invalidateRun(PageRange run) {
        recorder.record(table, run);
        table.dropEntries(run.firstPage() * PageTables.PAGE_BYTES, run.pageCount() * PageTables.PAGE_BYTES);
        records.clearAll(run, PageRecords.STALE_ENTRY);
    }
}
