package io.pageferry.server.pool;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.Mapping;
import io.pageferry.server.directory.PageDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An open paging space: its memory, which pages are written, and the operations that change either. Offsets and lengths
 * are bytes from the start of the space, inside it. Thread-safe; the memory itself orders nothing, as a disk does not.
 *
 * <p>Writing is: {@link #enter}, {@link #ensureAllocated}, store, {@link #markWritten}, {@link #leave}.
 *
 * <p>Invariant: what was stored is marked after it was stored, also if the request that stored it then fails. So who asks
 * the directory first and reads the memory afterwards is told again about everything that he read too early.
 */
public final class PagingSpace {
    private static final System.Logger LOG = System.getLogger(PagingSpace.class.getName());

    /** Bytes of a page. */
    public static final int PAGE_BYTES = SpaceFile.PAGE_BYTES;

    private static final long PORTION_PAGES = 1024; // how much is discarded or zeroed while writers wait: about 1 ms
    private static final long POPULATE_FROM_PAGES = 8;

    private final SpaceFile file;
    private final PageDirectory directory;
    private final Allocation allocation;
    private final OptionalLong quotaBytes;
    private final Runnable reclaimAhead;
    private final Gate gate = new Gate();
    private final SyncGroup syncs;
    private final Uses uses;
    private final AtomicInteger lent = new AtomicInteger();
    private volatile Runnable afterClose = () -> {};

    /** @param isNew whether the space has just been made */
    PagingSpace(SpaceFile file, Path directoryFile, OptionalLong quotaBytes, Runnable reclaimAhead, boolean isNew)
            throws IOException {
        this.file = file;
        this.quotaBytes = quotaBytes;
        this.reclaimAhead = reclaimAhead;
        directory = isNew
                ? PageDirectory.open(directoryFile, file.pageCount(), file::dataRanges)
                : PageDirectory.reopen(directoryFile, file.pageCount(), file::dataRanges);
        long quotaPages = quotaBytes.orElse(Long.MAX_VALUE) >>> SpaceFile.PAGE_SHIFT;
        allocation = new Allocation(file, quotaPages);
        new Reconciliation(file, directory, allocation).run();
        syncs = new SyncGroup(this::syncDataThenDirectory);
        uses = new Uses(this::close);
    }

    public String name() {
        return file.name();
    }

    public long sizeBytes() {
        return file.sizeBytes();
    }

    public OptionalLong quotaBytes() {
        return quotaBytes;
    }

    /** What is written, in bytes of whole pages: it counts against the quota. */
    public long usedBytes() {
        return allocation.claimedPages() << SpaceFile.PAGE_SHIFT;
    }

    /** The whole space. Only written pages may be read through it, and only claimed ones written, both inside the gate. */
    public MemorySegment memory() {
        return file.mapping().segment();
    }

    /** The mapping behind {@link #memory}. */
    public Mapping mapping() {
        return file.mapping();
    }

    /** The file, readable, for sending from it without a copy; holes read as zeroes and stay holes. */
    public FileChannel channel() {
        return file.channel();
    }

    public PageDirectory directory() {
        return directory;
    }

    /** The file, for a process that is to map it; it may write only what was {@linkplain #ensureAllocated allocated} for it. */
    public Descriptor openFile(boolean writable) {
        return file.reopen(writable);
    }

    /** Whether data operations may wait for a device, so that they must leave the event loop. */
    public boolean mayBlock() {
        return !file.isInMemory();
    }

    public Uses uses() {
        return uses;
    }

    /** Enters the gate: until {@link #leave}, nothing is discarded and no fence completes. */
    public long enter() {
        return gate.enter();
    }

    public void leave(long ticket) {
        gate.leave(ticket);
    }

    /** Returns once every step that is inside the gate now has left it. */
    public void drain() {
        gate.drain();
    }

    /**
     * Makes sure that storing into a range cannot fail; inside the gate. Costs no system call where it was done before.
     *
     * @throws SpaceFullException if the device is full or the quota is used up
     */
    public void ensureAllocated(long offset, long length) {
        long first = offset >>> SpaceFile.PAGE_SHIFT;
        long end = endPage(offset + length);
        if (!allocation.isClaimed(first, end)) {
            claim(first, end);
        }
    }

    /** Records that a range was stored, inside the gate of the storing or a later one after {@link #ensureAllocated}. */
    public void markWritten(long offset, long length) {
        long first = offset >>> SpaceFile.PAGE_SHIFT;
        directory.markWritten(first, endPage(offset + length) - first);
    }

    /**
     * Gives back the whole pages of a range, which read as zeroes from now on; the rest of the range stays as it is.
     *
     * @param guard asked before each portion, inside the gate
     */
    public void discard(long offset, long length, WriteGuard guard) {
        long first = (offset + PAGE_BYTES - 1) >>> SpaceFile.PAGE_SHIFT;
        discardPages(first, wholeEnd(offset + length), guard);
    }

    /** Whether {@link #zero} is quicker than writing zeroes would be. */
    public boolean canZeroFast(boolean keepAllocated) {
        return !keepAllocated;
    }

    /**
     * Makes a range read as zeroes.
     *
     * @param guard asked before each portion, as for {@link #discard}
     * @param keepAllocated whether to keep (or make) the range allocated instead of giving it back
     */
    public void zero(long offset, long length, boolean keepAllocated, WriteGuard guard) {
        long first = (offset + PAGE_BYTES - 1) >>> SpaceFile.PAGE_SHIFT;
        long end = wholeEnd(offset + length);
        if (keepAllocated || first >= end) {
            fillWithZeroes(offset, length, keepAllocated, guard);
            return;
        }
        fillWithZeroes(offset, (first << SpaceFile.PAGE_SHIFT) - offset, false, guard);
        discardPages(first, end, guard);
        long tail = Math.min(end << SpaceFile.PAGE_SHIFT, sizeBytes());
        fillWithZeroes(tail, offset + length - tail, false, guard);
    }

    /** Makes all that was stored and marked before durable; blocks. */
    public void sync() {
        syncs.sync();
    }

    /** What to do once the last user is gone and everything is closed. */
    void afterClose(Runnable action) {
        afterClose = action;
    }

    /**
     * Lends a written range of the memory to a socket, inside the gate, until {@link #takeBack}. A range that is discarded
     * meanwhile reads as zeroes, and what such a read brings back of its storage is given back later.
     */
    public ByteBuffer lend(long offset, int length) {
        if (!uses.tryAcquire()) {
            throw new IllegalStateException("whoever borrows from a space uses it");
        }
        lent.incrementAndGet();
        return memory().asSlice(offset, length).asByteBuffer();
    }

    public void takeBack() {
        lent.decrementAndGet();
        uses.release();
    }

    /** Gives back storage that is not of use: allocated ahead of sequential writers, or brought back by readers. */
    public void releaseUnused() {
        allocation.releaseAhead();
        if (lent.get() == 0) {
            allocation.releaseStray();
        }
    }

    private void claim(long first, long end) {
        if (!directory.makeRoom(first, end - first)) {
            reclaimAhead.run();
            if (!directory.makeRoom(first, end - first)) {
                throw new SpaceFullException("no room on the pool's device for the page directory of space " + name()
                        + ": free some, then retry");
            }
        }
        try {
            claimWithEntries(first, end);
        } catch (QuotaExceededException e) {
            throw e;
        } catch (SpaceFullException e) {
            // The device may be full of what other spaces hold ahead of their writers.
            reclaimAhead.run();
            claimWithEntries(first, end);
        }
        if (end - first >= POPULATE_FROM_PAGES && file.isInMemory()) {
            long offset = first << SpaceFile.PAGE_SHIFT;
            file.mapping().populateForWriting(offset, Math.min(end << SpaceFile.PAGE_SHIFT, sizeBytes()) - offset);
        }
    }

    /** First the directory's entries, so that what is stored can be marked whatever happens meanwhile. */
    private void claimWithEntries(long first, long end) {
        if (!directory.makeRoom(first, end - first)) {
            throw new SpaceFullException("no room on the pool's device for the directory of space " + name());
        }
        allocation.claim(first, end);
    }

    private void discardPages(long first, long end, WriteGuard guard) {
        for (long page = first; page < end; page += PORTION_PAGES) {
            long portionFirst = page;
            long portionEnd = Math.min(page + PORTION_PAGES, end);
            if (allocation.isUnbacked(portionFirst, portionEnd)) {
                continue; // holes already
            }
            gate.closed(() -> {
                guard.check();
                discardPortion(portionFirst, portionEnd);
            });
        }
    }

    private void discardPortion(long first, long end) {
        // The directory's order: discarded first, so that a page which lost its data is never taken for data.
        directory.markDiscarded(first, end - first);
        file.punch(first, end);
        allocation.released(first, end, lent.get() > 0);
        directory.markChanged(first, end - first);
    }

    private void fillWithZeroes(long offset, long length, boolean alsoHoles, WriteGuard guard) {
        long end = offset + length;
        // Without alsoHoles page by page: a hole reads as zeroes already.
        long portionPages = alsoHoles ? PORTION_PAGES : 1;
        for (long at = offset; at < end; ) {
            long portionEnd = Math.min(((at >>> SpaceFile.PAGE_SHIFT) + portionPages) << SpaceFile.PAGE_SHIFT, end);
            long ticket = gate.enter();
            try {
                guard.check();
                if (alsoHoles || directory.isWritten(at >>> SpaceFile.PAGE_SHIFT)) {
                    fillPortion(at, portionEnd - at);
                }
            } finally {
                gate.leave(ticket);
            }
            at = portionEnd;
        }
    }

    private void fillPortion(long offset, long length) {
        ensureAllocated(offset, length);
        memory().asSlice(offset, length).fill((byte) 0);
        markWritten(offset, length);
    }

    private void syncDataThenDirectory() {
        file.sync();
        try {
            directory.sync();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void close() {
        releaseUnused();
        try {
            directory.close();
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the directory of space " + name() + " could not be sealed; it is rebuilt when the space is opened",
                    e);
        } finally {
            file.close();
            afterClose.run();
        }
    }

    /** The end of the last page that a range ending at {@code endOffset} touches. */
    private static long endPage(long endOffset) {
        return (endOffset + PAGE_BYTES - 1) >>> SpaceFile.PAGE_SHIFT;
    }

    /** The end of the last page that such a range covers; the space's last page may be shorter than a page. */
    private long wholeEnd(long endOffset) {
        return endOffset == sizeBytes() ? file.pageCount() : endOffset >>> SpaceFile.PAGE_SHIFT;
    }
}
