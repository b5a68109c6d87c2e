package io.pageferry.server.pool;

import io.pageferry.page.PageRange;
import io.pageferry.server.directory.PageDirectory;
import java.util.List;

/**
 * Makes directory and allocation agree with what the file holds, when a space is opened: after a crash each may know of
 * writes that the other does not. The file decides. Storage without data (allocated ahead of a writer) is given back.
 *
 * <p>Invariant afterwards: written, claimed and backed are the same pages, and all others are holes.
 */
final class Reconciliation {
    private final SpaceFile file;
    private final PageDirectory directory;
    private final Allocation allocation;

    Reconciliation(SpaceFile file, PageDirectory directory, Allocation allocation) {
        this.file = file;
        this.directory = directory;
        this.allocation = allocation;
    }

    void run() {
        List<PageRange> data = file.dataRanges();
        long page = 0;
        for (PageRange range : data) {
            hole(page, range.firstPage());
            data(range);
            page = range.end();
        }
        hole(page, file.pageCount());
    }

    private void data(PageRange range) {
        allocation.adopt(range.firstPage(), range.end());
        directory.runs(range.firstPage(), range.pageCount(), (first, count, written) -> {
            if (!written) {
                directory.markWritten(first, count);
            }
        });
    }

    private void hole(long first, long end) {
        if (first == end) {
            return;
        }
        file.punch(first, end);
        directory.runs(first, end - first, (runFirst, count, written) -> {
            if (written) {
                directory.markDiscarded(runFirst, count);
            }
        });
    }
}
