package io.pageferry.server.pool;

import io.pageferry.linux.Errno;
import io.pageferry.linux.LinuxException;
import io.pageferry.page.PageRange;

/**
 * Which pages of a space's file have storage. A page is <em>claimed</em> by its first write, and counts against the quota
 * from then on; it is <em>backed</em> when the file has storage for it, which may be ahead of a writer.
 *
 * <p>Invariant: a page is claimed only while it is backed, so that storing into a claimed page through the mapping never
 * needs storage that the device may not have.
 */
final class Allocation {
    private static final int EFBIG = 27; // asm-generic/errno-base.h
    private static final int EDQUOT = 122; // asm-generic/errno.h

    private final SpaceFile file;
    private final PageBits claimed;
    private final PageBits backed;
    private final SequentialStreams streams = new SequentialStreams();
    private final WholeExtents extents;
    private final long quotaPages;
    private long claimedPages;
    /** Backed and not claimed, also where a claim has failed halfway. */
    private long aheadPages;

    private long strayFirst = Long.MAX_VALUE;
    private long strayEnd;

    Allocation(SpaceFile file, long quotaPages) {
        this.file = file;
        this.quotaPages = quotaPages;
        claimed = new PageBits(file.pageCount());
        backed = new PageBits(file.pageCount());
        extents = new WholeExtents(file.isInMemory(), claimed, backed);
    }

    /** Whether every page was claimed before. May miss a claim that is being made, never reports one that is gone. */
    boolean isClaimed(long first, long end) {
        return claimed.allSet(first, end);
    }

    /** Whether no page of a range has storage. */
    synchronized boolean isUnbacked(long first, long end) {
        return backed.nextSet(first, end) == end;
    }

    /**
     * Claims all pages of a range, or none.
     *
     * @throws QuotaExceededException if the quota does not allow it
     * @throws SpaceFullException if the device has no room
     */
    synchronized void claim(long first, long end) {
        long claimedBefore = claimed.count(first, end);
        long missing = end - first - claimedBefore;
        if (missing > quotaPages - claimedPages) {
            throw new QuotaExceededException("the quota of space " + file.name() + " is used up: " + claimedPages
                    + " of " + quotaPages + " pages are written, " + missing + " more are needed");
        }
        for (long page = backed.nextClear(first, end); page < end; page = backed.nextClear(page, end)) {
            back(page, backed.nextSet(page, end));
        }
        claimed.set(first, end);
        claimedPages += missing;
        aheadPages -= missing;
    }

    /** Takes over what the file held when it was opened. */
    synchronized void adopt(long first, long end) {
        backed.set(first, end);
        claimed.set(first, end);
        claimedPages += end - first;
    }

    /** Forgets pages whose storage was given back; {@code again} if somebody may still bring some of it back. */
    synchronized void released(long first, long end, boolean again) {
        long claimedBefore = claimed.count(first, end);
        claimedPages -= claimedBefore;
        aheadPages -= backed.count(first, end) - claimedBefore;
        if (again) {
            strayFirst = Math.min(strayFirst, first);
            strayEnd = Math.max(strayEnd, end);
        }
        claimed.clear(first, end);
        backed.clear(first, end);
    }

    /** Gives back what readers brought back of released pages: storage that nobody knows of. */
    synchronized void releaseStray() {
        for (long page = strayFirst; page < strayEnd; ) {
            long hole = backed.nextClear(page, strayEnd);
            long holeEnd = backed.nextSet(hole, strayEnd);
            if (hole < holeEnd) {
                file.punch(hole, holeEnd);
            }
            page = holeEnd;
        }
        strayFirst = Long.MAX_VALUE;
        strayEnd = 0;
    }

    /** Gives back what was allocated ahead of writers and not claimed since. */
    synchronized void releaseAhead() {
        long end = backed.pageCount();
        if (aheadPages == 0) {
            return;
        }
        for (long page = backed.nextSet(0, end); page < end; page = backed.nextSet(page, end)) {
            long runEnd = backed.nextClear(page, end);
            releaseUnclaimed(page, runEnd);
            page = runEnd;
        }
        aheadPages = 0;
    }

    synchronized long claimedPages() {
        return claimedPages;
    }

    private void releaseUnclaimed(long first, long end) {
        for (long page = claimed.nextClear(first, end); page < end; page = claimed.nextClear(page, end)) {
            long runEnd = claimed.nextSet(page, end);
            file.punch(page, runEnd);
            backed.clear(page, runEnd);
            page = runEnd;
        }
    }

    private void back(long first, long end) {
        long ahead = streams.aheadOf(first);
        long wanted = ahead == 0 ? end : backed.nextSet(end, Math.min(end + ahead, backed.pageCount()));
        PageRange whole = extents.around(first, wanted);
        boolean isMore = whole.pageCount() > end - first;
        boolean isBacked =
                (isMore && tryBack(first, end, whole.firstPage(), whole.end())) || tryBack(first, end, first, end);
        if (!isBacked) {
            throw new SpaceFullException("no room on the pool's device for " + (end - first) + " pages of space "
                    + file.name() + ": free some, then retry");
        }
    }

    /** Backs a range around what must be backed now. */
    private boolean tryBack(long first, long end, long backedFirst, long backedEnd) {
        if (!tryAllocate(backedFirst, backedEnd)) return false;
        backed.set(backedFirst, backedEnd);
        aheadPages += backedEnd - backedFirst;
        streams.allocated(first, backedEnd, backedEnd - end);
        return true;
    }

    private boolean tryAllocate(long first, long end) {
        try {
            file.allocateHuge(first, end);
            return true;
        } catch (LinuxException e) {
            if (e.errno() != Errno.ENOSPC && e.errno() != EDQUOT && e.errno() != EFBIG) {
                throw e;
            }
            // Some filesystems keep what they had found before the device was full.
            file.punch(first, end);
            return false;
        }
    }
}
