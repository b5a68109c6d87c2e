package io.pageferry.pager;

import io.pageferry.page.PageRange;

/** Learns of what a fault server cannot deal with itself. Called on threads that must not be held up. */
public interface FaultListener {
    /**
     * Threads wait for pages that could not be fetched, and go on waiting: they never see zeroes or other data. Asking again
     * is {@link FaultServer#retryStuck}.
     */
    void stuck(PageRange pages, Throwable cause);

    /** The program has ended, or its mapping has; the server does nothing more. */
    void programGone();
}
