package io.pageferry.pager;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.Errno;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.LinuxException;
import io.pageferry.page.PageRange;
import io.pageferry.page.PageRangeVisitor;
import java.lang.foreign.MemorySegment;

/**
 * Fills a partition's memory by its descriptor, before the program runs: faster than through its page tables, and a page
 * may be filled again with newer content. Not for a running program: it could see half a page, and tracking sees none of it.
 */
public final class MemfdFiller implements PageFiller {
    private final Descriptor memfd;
    private final ResidentPages resident;

    public MemfdFiller(Descriptor memfd, ResidentPages resident) {
        this.memfd = memfd;
        this.resident = resident;
    }

    @Override
    public boolean fill(PageRange pages, MemorySegment content, PageRangeVisitor copied) {
        PageContent.require(pages, content, resident.pageCount());
        long offset = pages.firstPage() << TrackedMemory.PAGE_SHIFT;
        for (long done = 0; done < content.byteSize(); ) {
            long written = FileCalls.writeAt(memfd, content.asSlice(done), offset + done);
            if (written == 0) throw new LinuxException("pwrite64 of " + pages + " wrote nothing", Errno.EIO);
            done += written;
        }
        resident.add(pages);
        copied.range(pages.firstPage(), pages.pageCount());
        return true;
    }

    /** Zeroes are pages too: a hole would be missing still, and a touch of it would wait. */
    @Override
    public boolean fillZeroes(PageRange pages) {
        PageContent.requireWithin(pages, resident.pageCount());
        for (long page = pages.firstPage(); page < pages.end(); page += Zeroes.PAGES) {
            long count = Math.min(Zeroes.PAGES, pages.end() - page);
            fill(new PageRange(page, count), Zeroes.segment(count));
        }
        return true;
    }

    /** Gives stale pages back, so that they are missing again. */
    public void drop(PageRange pages) {
        PageContent.requireWithin(pages, resident.pageCount());
        long offset = pages.firstPage() << TrackedMemory.PAGE_SHIFT;
        FileCalls.punchHole(memfd, offset, pages.pageCount() << TrackedMemory.PAGE_SHIFT);
        resident.remove(pages);
    }
}
