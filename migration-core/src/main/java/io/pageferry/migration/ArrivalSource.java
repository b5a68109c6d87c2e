package io.pageferry.migration;

import io.pageferry.manifest.Checksums;
import io.pageferry.manifest.Manifest;
import io.pageferry.manifest.SpaceLayout;
import io.pageferry.page.PageRange;
import io.pageferry.pager.PageAnswers;
import io.pageferry.pager.PageSource;
import io.pageferry.path.PagePathIn;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Serves the faults of a partition that is arriving, from its paging space, each page checked against its CRC32C. */
final class ArrivalSource implements PageSource {
    /** The longest urgent read in pages; a longer run of faults is cut. */
    private static final int BUFFER_PAGES = 16;

    private final RecentFaults faulted;
    private final Arrival arrival;
    private final Manifest manifest;
    private final PagePathIn path;
    private final Queue<MemorySegment> buffers = new ConcurrentLinkedQueue<>();

    /** @param faulted told of what threads wait for */
    ArrivalSource(Arrival arrival, PagePathIn path, RecentFaults faulted) {
        this.faulted = faulted;
        this.arrival = arrival;
        this.manifest = arrival.manifest();
        this.path = path;
    }

    @Override
    public void request(PageRange pages, PageAnswers answers) {
        faulted.add(pages);
        for (long page = pages.firstPage(); page < pages.end(); ) {
            boolean inSpace = arrival.isInSpace(page);
            long end = page + 1;
            while (end < pages.end() && end - page < BUFFER_PAGES && arrival.isInSpace(end) == inSpace) end++;
            PageRange run = PageRange.between(page, end);
            if (inSpace) fetch(run, answers);
            else answers.zeroes(run);
            page = end;
        }
    }

    private void fetch(PageRange run, PageAnswers answers) {
        MemorySegment buffer = takeBuffer();
        MemorySegment into = buffer.asSlice(0, run.pageCount() * SpaceLayout.PAGE_BYTES);
        path.readUrgent(manifest.layout().pageOffset(run.firstPage()), into, failure -> {
            if (failure != null) answers.failed(run, failure);
            else deliver(run, into, answers);
            buffers.add(buffer);
        });
    }

    /** Invariant: a corrupt page fails alone; what was read together with it is delivered as if it had been read apart. */
    private void deliver(PageRange run, MemorySegment content, PageAnswers answers) {
        for (long page = run.firstPage(); page < run.end(); ) {
            MemorySegment rest = content.asSlice((page - run.firstPage()) * SpaceLayout.PAGE_BYTES);
            long corrupt = firstCorrupt(manifest, PageRange.between(page, run.end()), rest);
            long goodEnd = corrupt < 0 ? run.end() : corrupt;
            if (goodEnd > page) {
                PageRange good = PageRange.between(page, goodEnd);
                answers.content(good, rest.asSlice(0, good.pageCount() * SpaceLayout.PAGE_BYTES));
            }
            if (corrupt >= 0) answers.failed(new PageRange(corrupt, 1), new CorruptPageException(corrupt));
            page = corrupt < 0 ? goodEnd : corrupt + 1;
        }
    }

    /** The first page whose content does not match the manifest, or -1. */
    static long firstCorrupt(Manifest manifest, PageRange run, MemorySegment content) {
        for (long page = run.firstPage(); page < run.end(); page++) {
            long at = (page - run.firstPage()) * SpaceLayout.PAGE_BYTES;
            int crc32c = Checksums.crc32c(content.asSlice(at, SpaceLayout.PAGE_BYTES));
            if (crc32c != manifest.checksum(page)) return page;
        }
        return -1;
    }

    private MemorySegment takeBuffer() {
        MemorySegment buffer = buffers.poll();
        return buffer != null
                ? buffer
                : Arena.ofAuto().allocate(BUFFER_PAGES * SpaceLayout.PAGE_BYTES, SpaceLayout.PAGE_BYTES);
    }
}
