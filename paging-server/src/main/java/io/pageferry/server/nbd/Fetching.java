package io.pageferry.server.nbd;

import io.pageferry.linux.Mapping;
import io.pageferry.server.pool.PagingSpace;

/** Brings data from the device into the page cache; blocks. */
final class Fetching {
    private static final int PAGE_SHIFT = 12;

    private Fetching() {}

    /** Fetches what is written of a range; holes are left alone, since touching them would allocate. */
    static void fetch(PagingSpace space, long offset, long length) {
        if (length == 0) {
            return;
        }
        Mapping mapping = space.mapping();
        long first = offset >>> PAGE_SHIFT;
        long count = ((offset + length - 1) >>> PAGE_SHIFT) - first + 1;
        space.directory().runs(first, count, (runFirst, runCount, written) -> {
            if (written) {
                long start = runFirst << PAGE_SHIFT;
                long end = Math.min((runFirst + runCount) << PAGE_SHIFT, space.sizeBytes());
                mapping.populateForReading(start, end - start);
            }
        });
    }
}
