package io.pageferry.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Finds what of a range of a file is no hole, without touching it: a read through a mapping would allocate a hole. By {@code
 * mincore(2)}, and {@code SEEK_DATA} only where a page is not in the page cache: {@code SEEK_HOLE} walks all data up to the next
 * hole, however far behind the range that is. Not thread-safe.
 */
public final class DataRuns {
    private static final int PAGE_SHIFT = 12;
    private static final int PORTION_PAGES = 4096;

    /** Told of each run, in bytes from the file's begin. */
    @FunctionalInterface
    public interface Visitor {
        void run(long offset, long length);
    }

    private final Descriptor file;
    private final Mapping mapping;
    private final MemorySegment residency = Arena.ofAuto().allocate(PORTION_PAGES);

    /** @param mapping of that file, from its begin */
    public DataRuns(Descriptor file, Mapping mapping) {
        this.file = file;
        this.mapping = mapping;
    }

    /** Visits the runs of a range in order; a run is cut where that is convenient. */
    public void visit(long firstPage, long endPage, Visitor visitor) {
        for (long page = firstPage; page < endPage; ) {
            page = visitPortion(page, Math.min(endPage, page + PORTION_PAGES), visitor);
        }
    }

    private long visitPortion(long firstPage, long end, Visitor visitor) {
        mapping.residency(firstPage << PAGE_SHIFT, (end - firstPage) << PAGE_SHIFT, residency);
        for (long page = firstPage; page < end; page++) {
            if ((residency.get(ValueLayout.JAVA_BYTE, page - firstPage) & 1) != 0) continue;
            long data = FileCalls.nextData(file, page << PAGE_SHIFT);
            long dataPage = data < 0 ? Long.MAX_VALUE : data >>> PAGE_SHIFT;
            if (dataPage == page) continue; // in swap
            tell(firstPage, page, visitor);
            return Math.min(dataPage, mapping.sizeBytes() >>> PAGE_SHIFT);
        }
        tell(firstPage, end, visitor);
        return end;
    }

    private static void tell(long firstPage, long end, Visitor visitor) {
        if (end > firstPage) visitor.run(firstPage << PAGE_SHIFT, (end - firstPage) << PAGE_SHIFT);
    }
}
