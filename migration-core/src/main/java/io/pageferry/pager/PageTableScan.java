package io.pageferry.pager;

import io.pageferry.linux.PageRegions;
import io.pageferry.linux.Pagemap;
import io.pageferry.page.PageSet;
import java.util.List;

/**
 * Walks the page tables of every mapping of a program's memory and collects the pages that a query reports. One walk a
 * time; 96 KiB, whatever the size of the memory.
 */
final class PageTableScan {
    private static final int REGIONS = 4096;

    private final TrackedMemory memory;
    private final PageRegions regions = new PageRegions(REGIONS);

    PageTableScan(TrackedMemory memory) {
        this.memory = memory;
    }

    /** Adds every page that the query reports in at least one mapping. */
    void addMatches(Pagemap.Query query, PageSet into) {
        addMatches(memory.bases(), query, into);
    }

    /** As {@link #addMatches(Pagemap.Query, PageSet)}, in some of the mappings. */
    synchronized void addMatches(List<Long> bases, Pagemap.Query query, PageSet into) {
        for (long base : bases) addMatches(base, query, into);
    }

    private void addMatches(long base, Pagemap.Query query, PageSet into) {
        long end = base + memory.sizeBytes();
        // A scan that stops at a full vector may report its last range again when it goes on: a set does not mind.
        for (long at = base; at < end; ) {
            at = memory.pagemap().scan(at, end, query, regions);
            for (int i = 0; i < regions.count(); i++) {
                long firstPage = (regions.start(i) - base) >>> TrackedMemory.PAGE_SHIFT;
                long endPage = (regions.end(i) - base) >>> TrackedMemory.PAGE_SHIFT;
                into.addRange(firstPage, endPage - firstPage);
            }
        }
    }
}
