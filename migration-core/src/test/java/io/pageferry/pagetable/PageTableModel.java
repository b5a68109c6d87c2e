package io.pageferry.pagetable;

import io.pageferry.page.PageSet;
import java.util.Arrays;

/** What page tables should do, page by page, one step after the other; no kernel, no bits shared with anybody. */
final class PageTableModel {
    /** What is known of something that the kernel records. */
    enum Known {
        NO,
        YES,
        /** Either is right: where tracking was not armed, an entry may count as written though it was only read. */
        EITHER
    }

    final int pageCount;
    final long[] content;
    final boolean[] defined;
    final boolean[] resident;
    final boolean[] released;
    final boolean[] readOnly;
    final boolean[] stale;
    /** Whether an entry that is made now has write tracking armed; a hole that is punched takes that away. */
    final boolean[] armed;

    final Known[] entryUsed;
    final Known[] entryWritten;
    final Known[] recordUsed;
    final Known[] recordWritten;
    long invalidated;
    boolean arriving;

    PageTableModel(int pageCount) {
        this.pageCount = pageCount;
        content = new long[pageCount];
        defined = new boolean[pageCount];
        resident = new boolean[pageCount];
        released = new boolean[pageCount];
        readOnly = new boolean[pageCount];
        stale = new boolean[pageCount];
        armed = new boolean[pageCount];
        entryUsed = filled(Known.NO);
        entryWritten = filled(Known.NO);
        recordUsed = filled(Known.NO);
        recordWritten = filled(Known.NO);
    }

    private Known[] filled(Known value) {
        Known[] all = new Known[pageCount];
        Arrays.fill(all, value);
        return all;
    }

    /** All is given back; the memory is as new. */
    void empty() {
        Arrays.fill(defined, false);
        Arrays.fill(resident, false);
        Arrays.fill(released, false);
        Arrays.fill(readOnly, false);
        Arrays.fill(stale, false);
        Arrays.fill(armed, true);
        for (Known[] each : new Known[][] {entryUsed, entryWritten, recordUsed, recordWritten}) {
            Arrays.fill(each, Known.NO);
        }
        arriving = false;
    }

    /** A page holds this from now on. */
    void holds(int page, long value) {
        content[page] = value;
        defined[page] = true;
        resident[page] = true;
    }

    /** An access through the migration table. */
    void entry(int page, Known written) {
        entryUsed[page] = Known.YES;
        entryWritten[page] = atLeast(entryWritten[page], armed[page] ? written : atLeast(written, Known.EITHER));
    }

    void released(int page) {
        released[page] = true;
        resident[page] = false;
        defined[page] = false;
        invalidate(page);
        entryUsed[page] = Known.NO;
        entryWritten[page] = Known.NO;
        armed[page] = false;
    }

    void switched() {
        arriving = false;
        invalidated = 0;
        Arrays.fill(stale, true);
    }

    /** Sweep, or a page-table call: the entry goes, what it recorded stays. */
    void invalidate(int page) {
        if (!stale[page]) return;
        stale[page] = false;
        invalidated++;
        recordUsed[page] = atLeast(recordUsed[page], entryUsed[page]);
        recordWritten[page] = atLeast(recordWritten[page], entryWritten[page]);
        entryUsed[page] = Known.NO;
        entryWritten[page] = Known.NO;
    }

    /** Tracking was armed and disarmed by another: what entries say of writes is no longer exact. */
    void writesBlurred() {
        for (int page = 0; page < pageCount; page++) {
            if (entryUsed[page] != Known.NO) entryWritten[page] = atLeast(entryWritten[page], Known.EITHER);
            if (entryWritten[page] == Known.YES) entryWritten[page] = Known.EITHER;
        }
    }

    TableUse use() {
        if (arriving) return TableUse.ARRIVING;
        for (boolean each : stale) {
            if (each) return TableUse.STALE;
        }
        return TableUse.FREE;
    }

    PageSet residentPages() {
        PageSet pages = new PageSet(pageCount);
        for (int page = 0; page < pageCount; page++) {
            if (resident[page]) pages.add(page);
        }
        return pages;
    }

    private static Known atLeast(Known one, Known other) {
        if (one == Known.YES || other == Known.YES) return Known.YES;
        return one == Known.EITHER || other == Known.EITHER ? Known.EITHER : Known.NO;
    }
}
