package io.pageferry.testing;

import io.pageferry.linux.PageRegions;
import io.pageferry.linux.Pagemap;
import io.pageferry.page.PageSet;

/** Which pages of a mapping have an entry in a process's page table, as the kernel reports it. */
public final class PresentPages {
    private static final Pagemap.Query PRESENT = new Pagemap.Query(0, 0, Pagemap.IS_PRESENT, 0, Pagemap.IS_PRESENT);
    private static final long PAGE = 4096;

    private PresentPages() {}

    /** Scans the mapping of so many pages at an address of the pagemap's process. */
    public static PageSet of(Pagemap pagemap, long base, long pageCount) {
        PageSet found = new PageSet(pageCount);
        PageRegions regions = new PageRegions(512);
        long end = base + pageCount * PAGE;
        for (long at = base; at < end; ) {
            at = pagemap.scan(at, end, PRESENT, regions);
            for (int i = 0; i < regions.count(); i++) {
                found.addRange((regions.start(i) - base) / PAGE, (regions.end(i) - regions.start(i)) / PAGE);
            }
        }
        return found;
    }
}
