package io.pageferry.direct;

import io.pageferry.copy.CopyTuning;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.LinuxException;
import io.pageferry.linux.Mapping;
import io.pageferry.page.PageSet;
import io.pageferry.path.PagePathException;
import io.pageferry.path.PagePathOut;
import java.lang.foreign.MemorySegment;

/**
 * The way out by the direct path: pages are copied into the space's mapping, and the server is told which.
 *
 * <p>Invariant: nothing is stored into a page that the server has not made room for, so no store meets a full device.
 */
public final class DirectPathOut implements PagePathOut {
    private static final int PAGE_SHIFT = 12;
    private static final long HUGE_PAGES = Mapping.HUGE_BYTES >>> PAGE_SHIFT;
    /** So much is announced at once: often enough for a target that follows closely. */
    private static final long ANNOUNCE_BYTES = 8 << 20;

    private static final long MAX_AHEAD_PAGES = 16 * HUGE_PAGES;

    private final DirectClient client;
    private final SpaceMappings.Loan loan;
    private final Mapping mapping;
    private final MemorySegment space;
    /** Whether no device can fail under a store. */
    private final boolean inMemory;

    private final PageSet reserved;
    private final RangeBatch written = new RangeBatch();
    private final RangeBatch single = new RangeBatch();
    private long reservedEnd = -1;
    private long aheadPages;

    /** Takes over a client that has opened its space for writing; its mapping is one of those that are kept. */
    public DirectPathOut(DirectClient client, SpaceMappings mappings) {
        this.client = client;
        this.loan = mappings.take(client.file(), client.sizeBytes(), true);
        this.mapping = loan.mapping();
        this.space = mapping.segment();
        this.inMemory = FileCalls.isInMemory(client.file());
        this.reserved = new PageSet((client.sizeBytes() + DirectLimits.PAGE_BYTES - 1) >>> PAGE_SHIFT);
    }

    @Override
    public void write(long offset, MemorySegment from) {
        long length = from.byteSize();
        try {
            reserve(offset >>> PAGE_SHIFT, (offset + length + DirectLimits.PAGE_BYTES - 1) >>> PAGE_SHIFT);
            store(from, space.asSlice(offset, length));
            written.add(offset, length, false);
            if (written.isFull() || written.sizeBytes() >= ANNOUNCE_BYTES) announce();
        } catch (DirectException | LinuxException failure) {
            throw failed("page-out", failure);
        } catch (InternalError fault) {
            // What the JVM makes of SIGBUS: somebody has cut the file under the mapping.
            throw failed("page-out", fault);
        }
    }

    private void store(MemorySegment pages, MemorySegment place) {
        if (inMemory) CopyTuning.here().copy(pages, place);
        else place.copyFrom(pages);
    }

    private void reserve(long firstPage, long endPage) {
        if (reserved.nextAbsent(firstPage) >= endPage) return;
        // Whole huge pages, as the server allocates them at a fraction of the cost; exactly what is needed where that
        // is too much for the device or the quota.
        long first = firstPage & -HUGE_PAGES;
        long end = Math.min(((endPage + HUGE_PAGES - 1) & -HUGE_PAGES) + ahead(first), reserved.pageCount());
        try {
            reserveExactly(first, end);
            reservedEnd = end;
        } catch (DirectException failure) {
            if (failure.status() != DirectStatus.NO_SPACE) throw failure;
            reserveExactly(firstPage, endPage);
        }
    }

    /**
     * How many pages more to reserve: one request waits for the server, so where all that was reserved is written without a gap,
     * the next request is for twice as much. What is reserved in vain is at most what was written in one piece before, and 2 MiB.
     */
    private long ahead(long first) {
        aheadPages = first == reservedEnd ? Math.min(2 * aheadPages + HUGE_PAGES, MAX_AHEAD_PAGES) : 0;
        return aheadPages;
    }

    private void reserveExactly(long firstPage, long endPage) {
        long offset = firstPage << PAGE_SHIFT;
        long length = bytes(firstPage, endPage);
        ask(DirectRequest.RESERVE, offset, length);
        // One call in place of a fault for each of them; a device's pages are better made dirty one by one, as they are
        // stored. Where it cannot be done, the store says why, and only what is stored can then break the path.
        if (inMemory) mapping.tryPopulateForWriting(offset, length);
        reserved.addRange(firstPage, endPage - firstPage);
    }

    private long bytes(long firstPage, long endPage) {
        return Math.min(endPage << PAGE_SHIFT, client.sizeBytes()) - (firstPage << PAGE_SHIFT);
    }

    private void ask(DirectRequest request, long offset, long length) {
        single.clear();
        single.add(offset, length, false);
        client.ask(request, single);
    }

    // Invariant: a range is announced after it was stored; who hears of it reads what was stored, or something newer.
    private void announce() {
        if (written.isEmpty()) return;
        client.post(DirectRequest.WRITTEN, written);
        written.clear();
    }

    @Override
    public void discard(long offset, long length) {
        try {
            announce();
            ask(DirectRequest.DISCARD, offset, length);
            reserved.removeRange(offset >>> PAGE_SHIFT, length >>> PAGE_SHIFT);
        } catch (DirectException failure) {
            throw failed("discarding", failure);
        }
    }

    @Override
    public void await() {
        try {
            announce();
            client.drain();
        } catch (DirectException failure) {
            throw failed("page-out", failure);
        }
    }

    @Override
    public void flush() {
        try {
            announce();
            client.flush();
        } catch (DirectException failure) {
            throw failed("flush", failure);
        }
    }

    @Override
    public void close() {
        client.close();
        loan.close();
    }

    static PagePathException failed(String what, Throwable failure) {
        boolean fenced = failure instanceof DirectException refused && refused.status() == DirectStatus.FENCED;
        return new PagePathException(what + " by the direct path failed: " + failure.getMessage(), fenced, failure);
    }
}
