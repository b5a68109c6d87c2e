package io.pageferry.server.directory;

import static io.pageferry.server.directory.ExtentLayout.PAGES_PER_EXTENT;
import static io.pageferry.server.directory.ExtentLayout.extentOf;
import static io.pageferry.server.directory.ExtentLayout.firstPageOf;

import io.pageferry.linux.Errno;
import io.pageferry.linux.LinuxException;
import io.pageferry.page.PageRange;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Which pages of one paging space are written, and when each was last changed: one entry an extent of 256 pages, in one
 * Chronicle Map file a space, {@code NAME.directory} beside {@code NAME.space}. Thread-safe; entries are updated in
 * place, without a lock or a lookup.
 *
 * <p>Sequence numbers tell changes apart by the questions between them: a number is handed to every change until
 * somebody takes a {@linkplain #sequence sample}, which closes that number.
 *
 * <p><b>Invariant of written-since:</b> a change that {@link #markWritten}, {@link #markDiscarded} or {@link
 * #markChanged} has returned from before a sample is taken carries a number not above the sample and is seen by every
 * scan after the sample; a change that has not returned yet carries, when it returns, a number above the sample or is
 * seen by that scan. So whoever samples first, scans second, and next asks from that sample on, misses nothing.
 *
 * <p><b>Order the caller keeps.</b> Write: data first, then {@link #markWritten}, then acknowledge. Discard: {@link
 * #markDiscarded} first, then punch the hole, then {@link #markChanged}, then acknowledge. So a page that holds data is
 * never taken for a hole, whatever is in flight beside it or wherever the process is killed, and nobody who asks what
 * changed can keep a page from before the discard. Flush: data first, then {@link #sync}.
 *
 * <p>Every method that takes pages throws {@link IndexOutOfBoundsException} if they are not within the space, and {@link
 * IllegalStateException} once the directory is closed.
 */
public final class PageDirectory implements AutoCloseable {
    /** 64 TiB of 4 KiB pages. */
    public static final long MAX_PAGES = 1L << 34;

    private final Path file;
    private final long pageCount;
    private final ExtentMap map;
    private final ExtentTable table;
    private final Extents extents;
    private final AtomicLong sequence;
    /**
     * The first number of a directory that was made anew for a space in use, otherwise 0: of the time before, it cannot
     * tell what was discarded from what never was.
     */
    private final long rebuiltAt;

    private final AtomicLong writtenPages = new AtomicLong();
    /** Whether bits changed since the last sync; sequence numbers alone need no durability, see {@link #sync}. */
    private volatile boolean unsynced = true;

    private boolean closed;

    PageDirectory(Path file, long pageCount, ExtentMap map, long firstSequence, boolean rebuilt) {
        this.file = file;
        this.pageCount = pageCount;
        this.map = map;
        this.rebuiltAt = rebuilt ? firstSequence : 0;
        this.table = map.table();
        this.extents = new Extents(map.memory());
        this.sequence = new AtomicLong(firstSequence);
        long present = ExtentLayout.extentCount(pageCount);
        for (long extent = table.nextPresent(0); extent < present; extent = table.nextPresent(extent + 1)) {
            writtenPages.addAndGet(extents.writtenPages(table.find(extent)));
        }
    }

    /**
     * Opens a directory, or makes it where it is missing. One that was not closed, does not fit or is corrupt is rebuilt
     * from the data file, with a warning; and one that was closed is held against the data file, so that every page with
     * data counts as written.
     *
     * @param file {@code NAME.directory}; its seal lies beside it
     * @param pageCount pages of the space, 1 to {@link #MAX_PAGES}
     * @param dataRanges what the data file holds that is not a hole, in pages rounded outwards
     * @throws IOException if the files cannot be read or written, or another process uses the directory
     */
    public static PageDirectory open(Path file, long pageCount, Supplier<List<PageRange>> dataRanges)
            throws IOException {
        return open(file, pageCount, dataRanges, true);
    }

    /** As {@link #open(Path, long, Supplier)}, for a space that was there before: a directory that is missing has been lost. */
    public static PageDirectory reopen(Path file, long pageCount, Supplier<List<PageRange>> dataRanges)
            throws IOException {
        return open(file, pageCount, dataRanges, false);
    }

    private static PageDirectory open(
            Path file, long pageCount, Supplier<List<PageRange>> dataRanges, boolean spaceIsNew) throws IOException {
        if (pageCount < 1 || pageCount > MAX_PAGES) {
            throw new IllegalArgumentException("a directory has 1 to " + MAX_PAGES + " pages, not " + pageCount);
        }
        return new DirectoryOpening(file, pageCount, dataRanges).open(spaceIsNew);
    }

    /**
     * Has Chronicle do what it does once a process: the first map takes it a second and more on a busy machine, which no
     * client should wait for.
     *
     * @param file where a directory may be made and removed again
     */
    public static void warmUp(Path file) throws IOException {
        delete(file);
        try (PageDirectory directory = open(file, 1, List::of)) {
            directory.makeRoom(0, 1);
        } finally {
            delete(file);
        }
    }

    /** Removes a directory's files; it must not be open. */
    public static void delete(Path file) throws IOException {
        Files.deleteIfExists(DirectorySeal.pathOf(file));
        Files.deleteIfExists(file);
    }

    /**
     * Makes entries for pages that will be written, so that {@link #markWritten} cannot fail for lack of room. Costs
     * nothing where it was done before.
     *
     * @return false if the device is full
     */
    public boolean makeRoom(long firstPage, long count) {
        Objects.checkFromIndexSize(firstPage, count, pageCount);
        try {
            long end = firstPage + count;
            for (long page = firstPage; page < end; page = firstPageOf(extentOf(page) + 1)) {
                map.findOrCreate(extentOf(page));
            }
            return true;
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOSPC) {
                return false;
            }
            throw e;
        }
    }

    /**
     * Marks pages as written, after their data is in place. Throws {@link LinuxException} if the device is full and {@link
     * #makeRoom} was not asked.
     *
     * @return the sequence number that the last of them carries now
     */
    public long markWritten(long firstPage, long count) {
        Objects.checkFromIndexSize(firstPage, count, pageCount);
        long stamp = 0;
        for (long page = firstPage, end = firstPage + count; page < end; ) {
            long extent = extentOf(page);
            int first = (int) (page - firstPageOf(extent));
            int last = (int) Math.min(PAGES_PER_EXTENT, end - firstPageOf(extent));
            long entry = map.findOrCreate(extent);
            int added = extents.setWritten(entry, first, last);
            if (added != 0) {
                writtenPages.addAndGet(added);
                unsynced = true;
            }
            stamp = stampSettled(entry, first, last);
            page = firstPageOf(extent + 1);
        }
        return stamp;
    }

    /**
     * Marks pages as holes, before their data is thrown away (TRIM, zeroes). Where no page of an extent was ever
     * written, nothing is noted.
     *
     * @return a sequence number not below that of any of them
     */
    public long markDiscarded(long firstPage, long count) {
        return stampPresent(firstPage, count, true);
    }

    /**
     * Stamps pages as changed and leaves what they are; to follow a discard, once the data is gone. Where no page
     * of an extent was ever written, nothing is noted.
     *
     * @return a sequence number not below that of any of them
     */
    public long markChanged(long firstPage, long count) {
        return stampPresent(firstPage, count, false);
    }

    private long stampPresent(long firstPage, long count, boolean discard) {
        Objects.checkFromIndexSize(firstPage, count, pageCount);
        long end = firstPage + count;
        long stamp = sequence.get();
        for (long page = firstPage; page < end; page = nextPresentPage(firstPageOf(extentOf(page) + 1))) {
            long extent = extentOf(page);
            long entry = table.find(extent);
            if (entry == ExtentTable.ABSENT) {
                continue;
            }
            int first = (int) (page - firstPageOf(extent));
            int last = (int) Math.min(PAGES_PER_EXTENT, end - firstPageOf(extent));
            int removed = discard ? extents.clearWritten(entry, first, last) : 0;
            if (removed != 0) {
                writtenPages.addAndGet(-removed);
                unsynced = true;
            }
            stamp = stampSettled(entry, first, last);
        }
        return stamp;
    }

    /**
     * Stamps pages with the open number, and again if a sample closed it meanwhile. The fence puts the data and the stamp
     * before the second look: a sample that this look does not see is taken later, and its scan sees both.
     */
    private long stampSettled(long entry, int first, int last) {
        long stamp = sequence.get();
        while (true) {
            extents.stamp(entry, first, last, stamp);
            VarHandle.fullFence();
            long now = sequence.get();
            if (now == stamp) {
                return stamp;
            }
            stamp = now;
        }
    }

    public boolean isWritten(long pageIndex) {
        Objects.checkIndex(pageIndex, pageCount);
        long entry = table.find(extentOf(pageIndex));
        return entry != ExtentTable.ABSENT
                && extents.isWritten(entry, (int) (pageIndex - firstPageOf(extentOf(pageIndex))));
    }

    /**
     * Takes a sample: the number that every change up to now carries at most. Every change that is marked from now on
     * carries a higher one. Numbers begin above 0 and rise, also across restarts as long as the clock does not go back.
     */
    public long sequence() {
        return sequence.getAndIncrement();
    }

    /** Visits all pages of a range as runs, in rising order; maximal runs while nothing changes meanwhile. */
    public void runs(long firstPage, long count, RunVisitor visitor) {
        Objects.checkFromIndexSize(firstPage, count, pageCount);
        long end = firstPage + count;
        for (long page = firstPage; page < end; ) {
            boolean written = isWritten(page);
            long runEnd = runEnd(page + 1, end, written);
            visitor.run(page, runEnd - page, written);
            page = runEnd;
        }
    }

    /**
     * Visits all pages of a range as runs, in rising order, telling which were changed after {@code since}: a sample
     * taken earlier, or 0 for all that ever changed. A directory that was rebuilt after the sample tells every page:
     * whoever holds a page that was discarded before must hear of it. Take the sample for the next question before this
     * call.
     */
    public void runsChangedSince(long since, long firstPage, long count, ChangedRunVisitor visitor) {
        Objects.checkFromIndexSize(firstPage, count, pageCount);
        RunMerger merger = new RunMerger(visitor);
        boolean all = since < rebuiltAt;
        long end = firstPage + count;
        for (long page = firstPage; page < end; ) {
            long extentEnd = Math.min(end, firstPageOf(extentOf(page) + 1));
            long entry = table.find(extentOf(page));
            if (entry == ExtentTable.ABSENT) {
                extentEnd = Math.min(end, nextPresentPage(firstPageOf(extentOf(page) + 1)));
                merger.add(page, extentEnd - page, all, false);
            } else if (all || extents.lastChange(entry) <= since) {
                runs(page, extentEnd - page, (first, pages, written) -> merger.add(first, pages, all, written));
            } else {
                addEachPage(since, entry, page, extentEnd, merger);
            }
            page = extentEnd;
        }
        merger.finish();
    }

    private void addEachPage(long since, long entry, long page, long end, RunMerger merger) {
        long base = firstPageOf(extentOf(page));
        for (long at = page; at < end; at++) {
            // The stamp is read first: a page whose stamp is seen has its bit from before that stamp.
            boolean changed = extents.stampOf(entry, (int) (at - base)) > since;
            merger.add(at, 1, changed, extents.isWritten(entry, (int) (at - base)));
        }
    }

    /** How many pages are written. */
    public long writtenPages() {
        return writtenPages.get();
    }

    /**
     * Makes which pages are written durable; the caller has synced their data first. It waits for the device only if that
     * changed since the last call: sequence numbers are worth nothing after a crash, for the connections that compare
     * them are gone.
     */
    public synchronized void sync() throws IOException {
        if (closed) {
            throw new IllegalStateException(file + " is closed");
        }
        if (unsynced) {
            unsynced = false;
            try {
                map.force();
            } catch (IOException e) {
                unsynced = true;
                throw e;
            }
        }
    }

    /** Closes and seals the directory, so that the next opening can trust it. */
    @Override
    public synchronized void close() throws IOException {
        if (!closed) {
            closed = true;
            map.close();
            DirectorySeal.put(file, pageCount, sequence.get());
        }
    }

    /** The end of the run of pages that are (not) written, which {@code page} may belong to or follow. */
    private long runEnd(long from, long end, boolean written) {
        long page = from;
        while (page < end) {
            long entry = table.find(extentOf(page));
            if (entry == ExtentTable.ABSENT) {
                if (written) {
                    return page;
                }
                page = nextPresentPage(firstPageOf(extentOf(page) + 1));
                continue;
            }
            long word = extents.writtenWord(entry, (int) (page - firstPageOf(extentOf(page))));
            long others = (written ? ~word : word) & (-1L << page);
            if (others != 0) {
                return Math.min(end, (page & -Long.SIZE) + Long.numberOfTrailingZeros(others));
            }
            page = (page & -Long.SIZE) + Long.SIZE;
        }
        return end;
    }

    /** The first page of the first extent with an entry that does not begin before {@code extentStart}. */
    private long nextPresentPage(long extentStart) {
        return firstPageOf(table.nextPresent(extentOf(extentStart)));
    }
}
