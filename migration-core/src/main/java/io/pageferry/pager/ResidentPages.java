package io.pageferry.pager;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.page.PageRange;
import io.pageferry.page.PageSet;

/**
 * Which pages of a partition's memory are there, so that no access to them waits: those of its memfd that are no holes.
 * Read from the file once, then kept up to date by whoever fills or releases pages. Thread-safe.
 */
public final class ResidentPages {
    private final PageSet pages;
    private long residentCount;

    private ResidentPages(PageSet pages) {
        this.pages = pages;
        this.residentCount = pages.size();
    }

    /** Nothing is there yet. */
    public static ResidentPages none(long pageCount) {
        return new ResidentPages(new PageSet(pageCount));
    }

    /** These are there, as the caller knows. */
    public static ResidentPages with(PageSet known) {
        return new ResidentPages(known.copy());
    }

    /** Reads what is there ({@code SEEK_DATA}, {@code SEEK_HOLE}: reading a hole through a mapping would allocate it). */
    public static ResidentPages of(Descriptor memfd, long pageCount) {
        PageSet pages = new PageSet(pageCount);
        long sizeBytes = pageCount << TrackedMemory.PAGE_SHIFT;
        long data = FileCalls.nextData(memfd, 0);
        while (data >= 0 && data < sizeBytes) {
            long hole = FileCalls.nextHole(memfd, data);
            long end = hole < 0 ? sizeBytes : Math.min(hole, sizeBytes);
            long firstPage = data >>> TrackedMemory.PAGE_SHIFT;
            pages.addRange(firstPage, (end >>> TrackedMemory.PAGE_SHIFT) - firstPage);
            data = FileCalls.nextData(memfd, end);
        }
        return new ResidentPages(pages);
    }

    public long pageCount() {
        return pages.pageCount();
    }

    /** Notes pages that were filled. */
    public synchronized void add(PageRange filled) {
        long first = filled.firstPage();
        if (filled.pageCount() == 1) {
            if (pages.add(first)) residentCount++;
            return;
        }
        residentCount += filled.pageCount() - presentIn(filled);
        pages.add(filled);
    }

    /** Notes pages that were given back, or dropped because they are stale. */
    public synchronized void remove(PageRange dropped) {
        residentCount -= presentIn(dropped);
        pages.remove(dropped);
    }

    public synchronized boolean contains(long pageIndex) {
        return pages.contains(pageIndex);
    }

    public synchronized long residentCount() {
        return residentCount;
    }

    public synchronized boolean isComplete() {
        return residentCount == pages.pageCount();
    }

    /** A copy of the pages that are there now. */
    public synchronized PageSet snapshot() {
        return pages.copy();
    }

    /** The pages that are not there now. */
    public synchronized PageSet missing() {
        PageSet missing = new PageSet(pages.pageCount());
        missing.addRange(0, pages.pageCount());
        missing.removeAll(pages);
        return missing;
    }

    private long presentIn(PageRange range) {
        long present = 0;
        for (long page = pages.nextPresent(range.firstPage()); page < range.end(); ) {
            long end = Math.min(pages.nextAbsent(page), range.end());
            present += end - page;
            page = pages.nextPresent(end);
        }
        return present;
    }
}
