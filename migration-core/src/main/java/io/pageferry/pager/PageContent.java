package io.pageferry.pager;

import io.pageferry.page.PageRange;
import java.lang.foreign.MemorySegment;

/** Checks and cuts the content of ranges of pages. */
final class PageContent {
    private PageContent() {}

    static void require(PageRange pages, MemorySegment content, long pageCount) {
        requireWithin(pages, pageCount);
        if (!content.isNative() || content.byteSize() != pages.pageCount() << TrackedMemory.PAGE_SHIFT) {
            throw new IllegalArgumentException(
                    pages + " needs native memory of 4096 bytes a page, not " + content.byteSize() + " bytes");
        }
    }

    static void requireWithin(PageRange pages, long pageCount) {
        if (pages.end() > pageCount)
            throw new IllegalArgumentException(pages + " is not within " + pageCount + " pages");
    }

    /** The part of a range's content that belongs to a range within it. */
    static MemorySegment part(PageRange pages, MemorySegment content, PageRange within) {
        long offset = (within.firstPage() - pages.firstPage()) << TrackedMemory.PAGE_SHIFT;
        return content.asSlice(offset, within.pageCount() << TrackedMemory.PAGE_SHIFT);
    }
}
