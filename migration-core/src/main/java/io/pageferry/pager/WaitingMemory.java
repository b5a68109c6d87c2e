package io.pageferry.pager;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.Mapping;
import io.pageferry.page.PageRange;
import io.pageferry.page.PageSet;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * The memory of a program that waits, as its agent fills it: in <em>extents</em> of 2 MiB, each of which can be gathered into one
 * huge page before its content comes. That costs a fraction of allocating 512 pages one by one, and whatever follows (reading
 * into it, giving it back, the program's own page-table entries) is one step for 512. Thread-safe.
 *
 * <p>Invariant: a page that has a frame of this class's making is one of {@link #allocated}, until it is dropped; nothing but zeroes
 * was put there. So only who knows what was put where can tell what is missing, and drops it before the program runs.
 *
 * @see Mapping#collapse for what the kernel asks for
 */
public final class WaitingMemory {
    /** The pages of an extent. */
    public static final int EXTENT_PAGES = (int) (Mapping.HUGE_BYTES >>> TrackedMemory.PAGE_SHIFT);

    /** A kernel without a huge page to give searches for one each time: after so many times in a row it is not asked again. */
    private static final int MAX_FAILURES = 8;

    private static final int UNTRIED = 0;
    private static final int GATHERED = 1;
    /** Left alone. */
    private static final int SMALL = 2;
    /** Could not be gathered; the attempt has given its first page a frame of zeroes, unless it had one. */
    private static final int ATTEMPTED = 3;

    private final Descriptor memfd;
    private final Mapping mapping;
    private final long pageCount;
    private final AtomicIntegerArray extents;
    private final AtomicInteger failures = new AtomicInteger();

    /**
     * Nothing of the memory may be in use by the program.
     *
     * @param mapping of the whole memory, for writing; it must outlive this
     */
    public WaitingMemory(Descriptor memfd, Mapping mapping) {
        this.memfd = memfd;
        this.mapping = mapping;
        this.pageCount = mapping.sizeBytes() >>> TrackedMemory.PAGE_SHIFT;
        this.extents = new AtomicIntegerArray(Math.toIntExact((pageCount + EXTENT_PAGES - 1) / EXTENT_PAGES));
    }

    /** The pages of a range, where they belong. A hole that is touched here is allocated. */
    public MemorySegment pages(long firstPage, long count) {
        return mapping.segment().asSlice(firstPage << TrackedMemory.PAGE_SHIFT, count << TrackedMemory.PAGE_SHIFT);
    }

    /** Whether the extent with this page is gathered. */
    public boolean isGathered(long pageIndex) {
        return extents.get((int) (pageIndex / EXTENT_PAGES)) == GATHERED;
    }

    /**
     * Gathers the extent with this page into a huge page; what it holds already stays.
     *
     * @return whether it is gathered: not where the kernel has no huge page to give, or the memory ends within it; tried once
     */
    public boolean gather(long pageIndex) {
        int extent = (int) (pageIndex / EXTENT_PAGES);
        int state = extents.get(extent);
        if (state == UNTRIED) {
            state = tryGather(extent);
            extents.set(extent, state);
        }
        return state == GATHERED;
    }

    private int tryGather(int extent) {
        long firstPage = (long) extent * EXTENT_PAGES;
        if (firstPage + EXTENT_PAGES > pageCount || failures.get() >= MAX_FAILURES) return SMALL;
        long offset = firstPage << TrackedMemory.PAGE_SHIFT;
        // One page has to be there.
        mapping.populateForWriting(offset, 1L << TrackedMemory.PAGE_SHIFT);
        if (mapping.collapse(offset, Mapping.HUGE_BYTES)) {
            failures.set(0);
            return GATHERED;
        }
        failures.incrementAndGet();
        // Not given back: a page may have been put there meanwhile.
        return ATTEMPTED;
    }

    /** The pages that gathering has given a frame: all of an extent, or the first one where it could not be done. */
    public PageSet allocated() {
        PageSet pages = new PageSet(pageCount);
        for (int extent = 0; extent < extents.length(); extent++) {
            int state = extents.get(extent);
            if (state == GATHERED) pages.addRange((long) extent * EXTENT_PAGES, EXTENT_PAGES);
            if (state == ATTEMPTED) pages.add((long) extent * EXTENT_PAGES);
        }
        return pages;
    }

    /** The pages that have a frame, as the kernel tells. */
    public PageSet resident() {
        return ResidentPages.of(memfd, pageCount).snapshot();
    }

    /**
     * Gives pages back, so that they are missing.
     *
     * <p>Invariant: what this returns has no frame. The kernel cuts a page out of a huge one only where nobody else holds it; where
     * somebody does, it leaves the page behind, full of zeroes that nobody would wait for. So each is looked at afterwards, and the
     * whole extent goes where one was left: a huge page as a whole can always be taken out.
     *
     * @return the pages that were dropped: those asked for, and whole extents where one of theirs could not go by itself
     */
    public PageSet drop(PageSet pages) {
        PageSet dropped = pages.copy();
        pages.forEachRange(this::punch);
        PageSet left = new PageSet(pageCount);
        pages.forEachRange((first, count) -> {
            for (long page = first; page < first + count; page = addLeft(page, first + count, left)) {}
        });
        left.forEachRange((first, count) -> {
            for (long at = first; at < first + count; at += EXTENT_PAGES - at % EXTENT_PAGES) dropExtent(at, dropped);
        });
        return dropped;
    }

    /**
     * Gives back what is there of pages that should not be there: a program that touches memory while it waits leaves zeroes, which
     * would be seen instead of what is still to come. Once missing pages are reported, so that nothing takes their place again.
     */
    public void dropStrays(PageSet missing) {
        missing.forEachRange((first, count) -> {
            long frame = FileCalls.nextData(memfd, first << TrackedMemory.PAGE_SHIFT);
            if (frame >= 0 && frame >>> TrackedMemory.PAGE_SHIFT < first + count) punch(first, count);
        });
    }

    /** Adds those that still have a frame, up to the end of the extent; returns the page after it. */
    private long addLeft(long firstPage, long end, PageSet left) {
        long extentEnd = Math.min(end, (firstPage / EXTENT_PAGES + 1) * EXTENT_PAGES);
        long frame = FileCalls.nextData(memfd, firstPage << TrackedMemory.PAGE_SHIFT);
        if (frame >= 0 && frame >>> TrackedMemory.PAGE_SHIFT < extentEnd) left.add(firstPage);
        return extentEnd;
    }

    private void dropExtent(long pageIndex, PageSet dropped) {
        long first = pageIndex - pageIndex % EXTENT_PAGES;
        punch(first, EXTENT_PAGES);
        dropped.add(new PageRange(first, EXTENT_PAGES));
    }

    private void punch(long firstPage, long count) {
        FileCalls.punchHole(memfd, firstPage << TrackedMemory.PAGE_SHIFT, count << TrackedMemory.PAGE_SHIFT);
    }
}
