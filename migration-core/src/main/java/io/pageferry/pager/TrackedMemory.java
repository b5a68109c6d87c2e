package io.pageferry.pager;

import io.pageferry.linux.Pagemap;
import io.pageferry.linux.Userfaultfd;
import java.util.List;

/**
 * The memory of a program as its pager sees it from another process. Every mapping is over the same frames, page 0 at its
 * base.
 *
 * @param userfaultfd the program's
 * @param pagemap the program's {@code /proc/PID/pagemap}
 * @param bases the address of each mapping in the program, multiples of the page size
 * @param pageCount pages of 4096 bytes, the same in each mapping
 */
public record TrackedMemory(Userfaultfd userfaultfd, Pagemap pagemap, List<Long> bases, long pageCount) {
    static final int PAGE_SHIFT = 12;

    public TrackedMemory {
        bases = List.copyOf(bases);
        if (bases.isEmpty() || pageCount < 1) {
            throw new IllegalArgumentException("no memory: " + bases.size() + " mappings of " + pageCount + " pages");
        }
    }

    long sizeBytes() {
        return pageCount << PAGE_SHIFT;
    }
}
