package io.pageferry.migration;

import io.pageferry.manifest.Checksums;
import io.pageferry.manifest.SpaceLayout;
import io.pageferry.page.PageRange;
import io.pageferry.page.PageSet;
import java.lang.foreign.Arena;
import java.util.function.LongToIntFunction;

/**
 * Pages that were fetched though nobody had reported them, since they lie between two that were: reading over a small gap costs less
 * than a request of its own. If the source has not sent such a page yet, it will be reported; if it never had content, it has
 * come as zeroes, which is what it holds.
 */
final class BridgedPages {
    private static final int ZERO_PAGE_CRC32C =
            Checksums.crc32c(Arena.ofAuto().allocate(SpaceLayout.PAGE_BYTES, SpaceLayout.PAGE_BYTES));

    private final PageSet pages;
    private final LongToIntFunction checksums;

    /** @param checksums the CRC32C of each page that was fetched */
    BridgedPages(long pageCount, LongToIntFunction checksums) {
        this.pages = new PageSet(pageCount);
        this.checksums = checksums;
    }

    /** A run is about to be fetched, of which these pages were reported. */
    void fetching(PageRange run, PageSet reported) {
        for (long page = reported.nextAbsent(run.firstPage()); page < run.end(); page = reported.nextAbsent(page + 1)) {
            pages.add(page);
        }
    }

    /** Those of them that hold zeroes, of the pages that are held. */
    PageSet zeroes(PageSet held) {
        PageSet candidates = pages.copy();
        candidates.retainAll(held);
        PageSet zeroes = candidates.copy();
        candidates.forEachRange((first, count) -> {
            for (long page = first; page < first + count; page++) {
                if (checksums.applyAsInt(page) != ZERO_PAGE_CRC32C) zeroes.remove(page);
            }
        });
        return zeroes;
    }
}
