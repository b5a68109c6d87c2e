package io.pageferry.pager;

import io.pageferry.linux.Pagemap;
import io.pageferry.page.PageRange;
import io.pageferry.page.PageSet;
import org.jspecify.annotations.Nullable;

/**
 * Which pages a program uses during an interval: its page-table entries are dropped at the begin, and the entries that are
 * there at the end are those of pages it touched. With write protection registered the kernel maps no neighbours of a page
 * that is touched (fault-around), so this is exact: every access between the return of {@link #start} and the call of
 * {@link #end} is seen, and nothing is that was not an access. An access while {@code start} or {@code end} runs may or may
 * not count.
 *
 * <p>Invariant: no entry of a written page is dropped unseen. A page written since the last scan whose entry is dropped has
 * no entry and no marker, and that is what the tracker's next scan reports as written.
 *
 * <p>Not for several threads at once.
 */
public final class AccessSampler {
    private static final Pagemap.Query PRESENT =
            new Pagemap.Query(Pagemap.CHECK_ASYNC, 0, Pagemap.IS_PRESENT, 0, Pagemap.IS_PRESENT);

    private final PageTableScan scan;
    private final WriteTracker tracker;
    private final long pageCount;
    private final long portionPages;
    private @Nullable WrittenPages written;
    private long startedNs;

    /**
     * @param portionPages pages whose entries are dropped in one request: it bounds how long the program's page tables are
     *     locked (about 50 ns a page)
     */
    public AccessSampler(TrackedMemory memory, WriteTracker tracker, long portionPages) {
        if (portionPages < 1) throw new IllegalArgumentException("a portion of " + portionPages + " pages");
        this.scan = new PageTableScan(memory);
        this.tracker = tracker;
        this.pageCount = memory.pageCount();
        this.portionPages = portionPages;
    }

    /** Begins an interval; arms write tracking if it is not. One that was begun before is given up, and this one if it throws. */
    public void start(EntryDropper dropper) {
        abandon();
        written = tracker.open();
        boolean started = false;
        try {
            dropPresentEntries(dropper);
            startedNs = System.nanoTime();
            started = true;
        } finally {
            if (!started) abandon();
        }
    }

    /** Ends the interval. */
    public AccessSample end() {
        AccessSample sample = look();
        abandon();
        return sample;
    }

    /** What was used since the interval began, and what was written since then or the last look; the interval goes on. */
    public AccessSample look() {
        WrittenPages pages = requireStarted();
        long durationNs = System.nanoTime() - startedNs;
        PageSet referenced = touched();
        PageSet writtenPages = pages.take();
        // A page written and then dropped again by the program itself has no entry, but was written.
        referenced.addAll(writtenPages);
        return new AccessSample(referenced, writtenPages, durationNs);
    }

    /** The pages read or written since the interval began, which goes on. */
    public PageSet touched() {
        PageSet touched = new PageSet(pageCount);
        scan.addMatches(PRESENT, touched);
        return touched;
    }

    /** Gives the interval up, if there is one; the tracker loses nothing. */
    public void abandon() {
        if (written != null) written.close();
        written = null;
    }

    private WrittenPages requireStarted() {
        WrittenPages pages = written;
        if (pages == null) throw new IllegalStateException("no interval was started");
        return pages;
    }

    private void dropPresentEntries(EntryDropper dropper) {
        PageSet present = new PageSet(pageCount);
        scan.addMatches(PRESENT, present);
        for (long first = present.nextPresent(0); first < pageCount; ) {
            long end = Math.min(first + portionPages, pageCount);
            dropper.drop(PageRange.between(first, end));
            first = present.nextPresent(end);
        }
    }
}
