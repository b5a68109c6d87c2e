package io.pageferry.pagetable;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.Mapping;
import io.pageferry.linux.PageRegions;
import io.pageferry.linux.Pagemap;
import io.pageferry.page.PageRange;

/**
 * Merges what the entries of a table have recorded into the page records, before they are dropped: that a page was used, and
 * that it was written. An entry on which write tracking was never armed counts as written, which is the safe side.
 *
 * <p>Reads the calling process's own page tables. Thread-safe.
 */
final class EntryRecorder {
    private static final int REGIONS = 512;
    private static final Pagemap.Query ENTRIES =
            new Pagemap.Query(0, 0, Pagemap.IS_PRESENT, 0, Pagemap.IS_PRESENT | Pagemap.IS_WRITTEN);

    private final PageRecords records;
    private final Pagemap pagemap;
    private final PageRegions regions = new PageRegions(REGIONS);

    /** Reads by the process's own pagemap. */
    EntryRecorder(PageRecords records, Descriptor ownPagemap) {
        this.records = records;
        this.pagemap = Pagemap.owning(ownPagemap);
    }

    /** Notes what the entries of a range of the table tell; pages without an entry tell nothing. */
    synchronized void record(Mapping table, PageRange pages) {
        long base = table.address();
        long end = base + pages.end() * PageTables.PAGE_BYTES;
        for (long at = base + pages.firstPage() * PageTables.PAGE_BYTES; at < end; ) {
            at = pagemap.scan(at, end, ENTRIES, regions);
            for (int i = 0; i < regions.count(); i++) {
                PageRange found = PageRange.between(pageIndex(base, regions.start(i)), pageIndex(base, regions.end(i)));
                records.setAll(found, PageRecords.REFERENCED);
                boolean written = (regions.categories(i) & Pagemap.IS_WRITTEN) != 0;
                if (written) records.setAll(found, PageRecords.WRITTEN);
            }
        }
    }

    private static long pageIndex(long base, long address) {
        return (address - base) / PageTables.PAGE_BYTES;
    }
}
