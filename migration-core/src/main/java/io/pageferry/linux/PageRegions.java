package io.pageferry.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The ranges that a scan reports: {@code struct page_region} of {@code linux/fs.h}. Not for several threads. */
public final class PageRegions {
    private static final long REGION = 24;

    private final MemorySegment regions;
    private int count;

    /** Room for so many ranges a scan. */
    public PageRegions(int capacity) {
        this.regions = Arena.ofAuto().allocate(capacity * REGION, 8);
    }

    long address() {
        return regions.address();
    }

    long capacity() {
        return regions.byteSize() / REGION;
    }

    void filled(long regionCount) {
        count = Math.toIntExact(regionCount);
    }

    public int count() {
        return count;
    }

    /** The first address of a range. */
    public long start(int index) {
        return regions.get(ValueLayout.JAVA_LONG, index * REGION);
    }

    /** The address after a range. */
    public long end(int index) {
        return regions.get(ValueLayout.JAVA_LONG, index * REGION + 8);
    }

    /** What holds for every page of a range, out of what the query wanted reported. */
    public long categories(int index) {
        return regions.get(ValueLayout.JAVA_LONG, index * REGION + 16);
    }
}
