package io.pageferry.pager;

import io.pageferry.page.PageSet;

/** One reader's view of the pages written: each page since this reader last took it. 32 KiB for each GiB. Thread-safe. */
public final class WrittenPages implements AutoCloseable {
    private final WriteTracker tracker;
    private final PageSet pages;

    WrittenPages(WriteTracker tracker, long pageCount) {
        this.tracker = tracker;
        this.pages = new PageSet(pageCount);
    }

    /** Scans, and returns every page written since the last call; writes from now on belong to the next. */
    public PageSet take() {
        tracker.collect();
        synchronized (pages) {
            PageSet taken = pages.copy();
            pages.clear();
            return taken;
        }
    }

    /** Gives back pages that were taken but could not be used, so that they are reported again. */
    public void putBack(PageSet taken) {
        add(taken);
    }

    void add(PageSet written) {
        synchronized (pages) {
            pages.addAll(written);
        }
    }

    void clear() {
        synchronized (pages) {
            pages.clear();
        }
    }

    @Override
    public void close() {
        tracker.close(this);
    }
}
