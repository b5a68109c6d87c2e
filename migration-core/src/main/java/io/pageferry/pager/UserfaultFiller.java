package io.pageferry.pager;

import io.pageferry.linux.Userfaultfd;
import io.pageferry.page.PageRange;
import io.pageferry.page.PageRangeVisitor;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.concurrent.atomic.LongAdder;

/**
 * Fills missing pages of a running program, atomically a page ({@code UFFDIO_COPY}, {@code UFFDIO_ZEROPAGE}), and deals with
 * every outcome. Used by the fault server and by whoever fills in the background.
 *
 * <p>Invariant: when a fill returns true, every page of the range is there and no thread waits for one of them.
 */
final class UserfaultFiller implements PageFiller {
    /** Fills from a page on; one call of the kernel. */
    @FunctionalInterface
    private interface Step {
        Userfaultfd.Filled fill(long address, long done, long length);
    }

    private final ServedMapping mapping;
    private final ResidentPages resident;
    private final PageRangeVisitor filled;
    private final LongAdder calls = new LongAdder();
    private final LongAdder alreadyPresent = new LongAdder();
    private final LongAdder retries = new LongAdder();

    UserfaultFiller(ServedMapping mapping, ResidentPages resident, PageRangeVisitor filled) {
        this.mapping = mapping;
        this.resident = resident;
        this.filled = filled;
    }

    @Override
    public boolean fill(PageRange pages, MemorySegment content, PageRangeVisitor copied) {
        PageContent.require(pages, content, mapping.pageCount());
        long source = content.address();
        Userfaultfd userfaultfd = mapping.userfaultfd();
        try {
            return fill(
                    pages,
                    (address, done, length) -> userfaultfd.copy(
                            address, source + done, length, mapping.tracked().getAsBoolean()),
                    copied);
        } finally {
            // The kernel reads the content by its address, which keeps nothing alive.
            Reference.reachabilityFence(content);
        }
    }

    @Override
    public boolean fillZeroes(PageRange pages) {
        PageContent.requireWithin(pages, mapping.pageCount());
        return fill(pages, (address, done, length) -> mapping.userfaultfd().zero(address, length), (_, _) -> {});
    }

    private boolean fill(PageRange pages, Step step, PageRangeVisitor copied) {
        for (long page = pages.firstPage(); page < pages.end(); ) {
            long address = mapping.address(page);
            long done = address - mapping.address(pages.firstPage());
            calls.increment();
            Userfaultfd.Filled result = step.fill(address, done, mapping.address(pages.end()) - address);
            long count = result.sizeBytes() >>> TrackedMemory.PAGE_SHIFT;
            if (count > 0) copied.range(page, count);
            page += count;
            switch (result.outcome()) {
                case COPIED -> {}
                case ALREADY_PRESENT -> wakeWaiting(page++);
                case RETRY -> retries.increment();
                case GONE -> {
                    return false;
                }
            }
        }
        resident.add(pages);
        filled.range(pages.firstPage(), pages.pageCount());
        return true;
    }

    /** A thread that faulted before somebody else filled the page still waits: nothing but a fill by the kernel wakes it. */
    private void wakeWaiting(long pageIndex) {
        alreadyPresent.increment();
        mapping.userfaultfd().wake(mapping.address(pageIndex), 1L << TrackedMemory.PAGE_SHIFT);
    }

    long callCount() {
        return calls.sum();
    }

    long alreadyPresentCount() {
        return alreadyPresent.sum();
    }

    long retryCount() {
        return retries.sum();
    }
}
