package io.pageferry.migration;

import io.pageferry.manifest.Manifest;
import io.pageferry.manifest.SpaceLayout;
import io.pageferry.page.PageSet;
import java.util.function.LongToIntFunction;

/**
 * Compares what a target holds with the manifest: most of it ahead, so that little is left to compare while the program stands still.
 * Told of everything that is fetched again. One thread uses it.
 *
 * <p>Invariant: a page is vouched for only as long as neither it nor its part of the manifest has been fetched again since both were
 * compared.
 */
final class ManifestComparison {
    private final Manifest manifest;
    private final SpaceLayout layout;
    private final LongToIntFunction checksums;
    private final PageSet vouched;

    /** @param checksums of each page that is held, the CRC32C of what is in the memory */
    ManifestComparison(Manifest manifest, LongToIntFunction checksums) {
        this.manifest = manifest;
        this.layout = manifest.layout();
        this.checksums = checksums;
        this.vouched = new PageSet(layout.pageCount());
    }

    /** Compares now what is held. */
    void compareAhead(PageSet held) {
        PageSet right = held.copy();
        right.removeAll(mismatches(held));
        vouched.addAll(right);
    }

    /** The pages that are held and not what the manifest says. */
    PageSet mismatches(PageSet held) {
        PageSet open = held.copy();
        open.removeAll(vouched);
        if (open.isEmpty()) return open;
        // Copies on the heap: this runs while the partition is at rest, and perhaps before any of it is compiled.
        byte[] states = manifest.states();
        int[] expected = manifest.checksums();
        PageSet wrong = open.copy();
        open.forEachRange((first, count) -> {
            for (long page = first; page < first + count; page++) {
                boolean matches =
                        Manifest.isData(states[(int) page]) && expected[(int) page] == checksums.applyAsInt(page);
                if (matches) wrong.remove(page);
            }
        });
        return wrong;
    }

    /** Those of some pages that do not match what the manifest says, though it says that they should by now. */
    PageSet damaged(PageSet mismatching) {
        byte[] states = manifest.states();
        PageSet damaged = mismatching.copy();
        mismatching.forEachRange((first, count) -> {
            for (long page = first; page < first + count; page++) {
                byte state = states[(int) page];
                if (!Manifest.isData(state) || Manifest.isUnsettled(state)) damaged.remove(page);
            }
        });
        return damaged;
    }

    /** Pages are being fetched. */
    void fetching(long firstPage, long pageCount) {
        vouched.removeRange(firstPage, pageCount);
    }

    /** A part of the manifest is being fetched: an offset from its begin and a length, in bytes. */
    void fetchingManifest(long offset, long sizeBytes) {
        doubt(offset - layout.statePlane(), sizeBytes, Byte.BYTES);
        doubt(offset - layout.checksumPlane(), sizeBytes, Integer.BYTES);
    }

    /** The pages of which a part of a plane speaks; what is not within the plane speaks of none. */
    private void doubt(long offset, long sizeBytes, int bytesEach) {
        long first = Math.max(0, offset / bytesEach);
        long end = Math.min(layout.pageCount(), (offset + sizeBytes) / bytesEach);
        if (first < end) vouched.removeRange(first, end - first);
    }
}
