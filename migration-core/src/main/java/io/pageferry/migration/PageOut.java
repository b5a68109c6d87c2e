package io.pageferry.migration;

import io.pageferry.attach.AttachedPartition;
import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.Mapping;
import io.pageferry.manifest.Checksums;
import io.pageferry.manifest.Manifest;
import io.pageferry.manifest.PageState;
import io.pageferry.manifest.SpaceLayout;
import io.pageferry.page.PageSet;
import io.pageferry.pagetable.PageRecords;
import io.pageferry.path.PagePathOut;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Sends pages of the partition's memory to the space and notes each in the manifest: zero test, copy and checksum share one pass
 * over the memory, while the pages are in the cache; neighbours go out as one write.
 *
 * <p>Invariant: a page is handed to this after write tracking was armed on it again, and its mark of a punched hole is
 * cleared before it is read; so whatever changes it during the copy makes it dirty for the next round, which replaces both
 * the copy and its checksum.
 */
final class PageOut {
    /** The longest write, in pages: long enough for the path, short enough to stay in the cache until it is sent; one bit each. */
    private static final int MAX_RUN_PAGES = Long.SIZE;

    private static final int EXTENT_PAGES = (int) (Mapping.HUGE_BYTES / SpaceLayout.PAGE_BYTES);

    private final Descriptor memfd;
    private final Mapping mapping;
    private final MemorySegment memory;
    private final MemorySegment residency = Arena.ofAuto().allocate(EXTENT_PAGES);
    private final PageRecords records;
    private final Manifest manifest;
    private final PagePathOut path;
    private final PageSet notHere;
    private final PageSet sent;
    private final PageSet freed;
    private final Progress progress;
    /** The end of the extent that was found to have no hole. */
    private long wholeEnd;

    /**
     * @param notHere pages that are missing here because they are still in the space: they are left as they are
     */
    PageOut(AttachedPartition partition, Manifest manifest, PagePathOut path, PageSet notHere, Progress progress) {
        this.memfd = partition.memory();
        this.mapping = partition.mapping();
        this.memory = mapping.segment().asReadOnly();
        this.records = partition.records();
        this.manifest = manifest;
        this.path = path;
        this.notHere = notHere;
        this.sent = new PageSet(notHere.pageCount());
        this.freed = new PageSet(notHere.pageCount());
        this.progress = progress;
    }

    /** Sends pages, in the order of their indexes. What reaches the space is certain only after {@link PagePathOut#await}. */
    void send(PageSet pages) {
        pages.forEachRange(this::sendRange);
    }

    /** Sends a range of pages. */
    void sendRange(long firstPage, long pageCount) {
        long end = firstPage + pageCount;
        wholeEnd = 0;
        for (long at = firstPage; at < end; at = sendPortion(at, Math.min(end, at + MAX_RUN_PAGES))) {
            if (at % EXTENT_PAGES == 0 && end - at >= EXTENT_PAGES) beginExtent(at);
        }
    }

    private void beginExtent(long firstPage) {
        long offset = firstPage * SpaceLayout.PAGE_BYTES;
        long cached = FileCalls.cachedPages(memfd, offset, Mapping.HUGE_BYTES);
        boolean whole = cached < 0 ? mapping.isResident(offset, Mapping.HUGE_BYTES, residency) : cached == EXTENT_PAGES;
        if (!whole) return;
        wholeEnd = firstPage + EXTENT_PAGES;
        path.expect(offset, Mapping.HUGE_BYTES);
    }

    /**
     * Sends pages up to {@code end} or to the end of the first hole; returns the page after them. Reading a hole through a
     * mapping would allocate it, so pages are looked up first; only the few that are not in the page cache are sought in the
     * file, since SEEK_HOLE walks all data up to the next hole. An extent that was found whole is not looked at again: what the
     * program gives back of it meanwhile is allocated once more, counts as dirty, and goes out as what it is then.
     */
    private long sendPortion(long firstPage, long end) {
        if (end <= wholeEnd) {
            sendRun(firstPage, end);
            return end;
        }
        long sizeBytes = (end - firstPage) * SpaceLayout.PAGE_BYTES;
        mapping.residency(firstPage * SpaceLayout.PAGE_BYTES, sizeBytes, residency);
        long runStart = firstPage;
        for (long page = firstPage; page < end; page++) {
            if ((residency.get(ValueLayout.JAVA_BYTE, page - firstPage) & 1) != 0) continue;
            long data = FileCalls.nextData(memfd, page * SpaceLayout.PAGE_BYTES);
            long dataPage = data < 0 ? mapping.sizeBytes() / SpaceLayout.PAGE_BYTES : data / SpaceLayout.PAGE_BYTES;
            if (dataPage == page) continue; // in swap
            if (page > runStart) sendRun(runStart, page);
            noteHoles(page, Math.min(dataPage, end));
            return Math.min(dataPage, end);
        }
        if (end > runStart) sendRun(runStart, end);
        return end;
    }

    private void sendRun(long firstPage, long end) {
        for (long page = firstPage; page < end; page++) {
            if (records.has(page, PageRecords.PUNCHED)) records.clear(page, PageRecords.PUNCHED);
        }
        long runStart = firstPage;
        for (long left = beginWithZero(firstPage, end); left != 0; left &= left - 1) {
            long page = firstPage + Long.numberOfTrailingZeros(left);
            if (!Checksums.isZero(content(page))) continue;
            sendData(runStart, page);
            runStart = page + 1;
            note(page, PageState.ZERO, records.has(page, PageRecords.READ_ONLY));
            progress.add("duplicate", 1);
        }
        sendData(runStart, end);
    }

    /**
     * Which pages of a run may be zeroes, one bit a page. No page's begin is in a cache: here the processor fetches many at once, where
     * a test that follows the copy of the page before it waits for each.
     */
    private long beginWithZero(long firstPage, long end) {
        long found = 0;
        for (long page = end - 1; page >= firstPage; page--) {
            long word = memory.get(ValueLayout.JAVA_LONG, page * SpaceLayout.PAGE_BYTES);
            found = found << 1 | (word == 0 ? 1 : 0);
        }
        return found;
    }

    // Checksums last: a copy fetches ahead what is in no cache, and the instructions for the CRC, which wait for each
    // line
    // by themselves, then find it there.
    private void sendData(long firstPage, long end) {
        write(firstPage, end);
        for (long page = firstPage; page < end; page++) {
            manifest.setChecksum(page, Checksums.crc32c(content(page)));
            note(page, PageState.DATA, records.has(page, PageRecords.READ_ONLY));
        }
    }

    private MemorySegment content(long page) {
        return memory.asSlice(page * SpaceLayout.PAGE_BYTES, SpaceLayout.PAGE_BYTES);
    }

    private void noteHoles(long firstPage, long end) {
        for (long page = firstPage; page < end; page++) {
            boolean stillInSpace = notHere.contains(page) && !records.has(page, PageRecords.RELEASED);
            if (!stillInSpace) note(page, PageState.HOLE, records.has(page, PageRecords.READ_ONLY));
        }
    }

    private void note(long page, PageState state, boolean readOnly) {
        if (state != PageState.DATA && manifest.state(page) == PageState.DATA) freed.add(page);
        if (state == PageState.DATA) freed.remove(page);
        manifest.setState(page, state, readOnly);
    }

    /**
     * The pages that changed otherwise than by a write: given back by the program, and in the space still. They are dirty as
     * those that were written.
     */
    PageSet punched() {
        PageSet punched = new PageSet(notHere.pageCount());
        records.addPagesWith(PageRecords.PUNCHED, punched);
        PageSet inSpace = new PageSet(notHere.pageCount());
        punched.forEachRange((first, count) -> {
            for (long page = first; page < first + count; page++) {
                if (manifest.state(page) == PageState.DATA) inSpace.add(page);
            }
        });
        return inSpace;
    }

    /** Gives back in the space what pages held that are zero or holes by now. After a round: no write may be under way. */
    void discardFreed() {
        freed.forEachRange(
                (first, count) -> path.discard(first * SpaceLayout.PAGE_BYTES, count * SpaceLayout.PAGE_BYTES));
        freed.clear();
    }

    private void write(long firstPage, long end) {
        long pageCount = end - firstPage;
        if (pageCount == 0) return;
        long sizeBytes = pageCount * SpaceLayout.PAGE_BYTES;
        path.write(firstPage * SpaceLayout.PAGE_BYTES, memory.asSlice(firstPage * SpaceLayout.PAGE_BYTES, sizeBytes));
        progress.add("page-runs", 1);
        progress.add("normal", pageCount);
        progress.add("transferred", sizeBytes);
        for (long page = firstPage; page < end; page++) {
            if (!sent.add(page)) progress.add("pages-sent-again", 1);
        }
    }
}
