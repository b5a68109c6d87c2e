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

    /**
     * Forgets pages that the caller has not read yet and is going to: what was written up to now will be in what it reads.
     *
     * <p>Invariant: a page that was reported is armed again, so a write after this is reported anew.
     */
    public void forget(PageSet unread) {
        synchronized (pages) {
            pages.removeAll(unread);
        }
    }

    /** How many pages are known to be written since the last {@link #take}; no scan is made. */
    public long knownCount() {
        synchronized (pages) {
            return pages.size();
        }
    }

    void add(PageSet written) {
        synchronized (pages) {
            pages.addAll(written);
        }
    }

    /** Nothing is known: every page may have been written. */
    void addAll() {
        synchronized (pages) {
            pages.addRange(0, pages.pageCount());
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
