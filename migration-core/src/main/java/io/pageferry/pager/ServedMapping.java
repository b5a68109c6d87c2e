package io.pageferry.pager;

import io.pageferry.linux.Userfaultfd;
import java.util.function.BooleanSupplier;

/**
 * A mapping of a program that is registered for missing pages.
 *
 * @param userfaultfd the program's
 * @param base the mapping's address in the program, that of page 0
 * @param pageCount pages of 4096 bytes
 * @param tracked whether writes are tracked now, so that a page is to be armed as it is filled: its arrival is no write
 */
public record ServedMapping(Userfaultfd userfaultfd, long base, long pageCount, BooleanSupplier tracked) {
    /** A mapping whose writes are not tracked while it is filled. */
    public ServedMapping(Userfaultfd userfaultfd, long base, long pageCount) {
        this(userfaultfd, base, pageCount, () -> false);
    }

    long address(long pageIndex) {
        return base + (pageIndex << TrackedMemory.PAGE_SHIFT);
    }

    /** The page of an address, or -1 if it is not in this mapping. */
    long pageIndex(long address) {
        long pageIndex = (address - base) >> TrackedMemory.PAGE_SHIFT;
        return pageIndex >= 0 && pageIndex < pageCount ? pageIndex : -1;
    }

    /** Lets every thread that waits here fault again. */
    void wakeAll() {
        userfaultfd.wake(base, pageCount << TrackedMemory.PAGE_SHIFT);
    }
}
