package io.pageferry.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.manifest.Manifest;
import io.pageferry.manifest.PageState;
import io.pageferry.manifest.SpaceLayout;
import io.pageferry.page.PageSet;
import io.pageferry.testing.TestSeed;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ManifestComparisonTest {
    /** More than one page of each plane, and not whole ones. */
    private static final int PAGES = 9000;

    private final SpaceLayout layout = new SpaceLayout(PAGES);
    private final Manifest manifest = new Manifest(layout);
    private final int[] held = new int[PAGES];
    private final PageSet all = new PageSet(PAGES);
    private final ManifestComparison comparison = new ManifestComparison(manifest, page -> held[(int) page]);

    ManifestComparisonTest() {
        all.addRange(0, PAGES);
    }

    /** What a comparison from the begin finds. */
    private PageSet expected() {
        return new ManifestComparison(manifest, page -> held[(int) page]).mismatches(all);
    }

    @Test
    void whateverIsFetchedAgainIsComparedAgain() {
        Random random = TestSeed.random(ManifestComparisonTest.class);
        for (int page = 0; page < PAGES; page++) put(page, page * 31 + 1);
        for (int round = 0; round < 400; round++) {
            if (random.nextInt(3) == 0) comparison.compareAhead(all);
            long first = random.nextInt(PAGES);
            long count = 1L + random.nextInt((int) Math.min(40, PAGES - first));
            switch (random.nextInt(3)) {
                case 0 -> {
                    comparison.fetching(first, count);
                    for (long page = first; page < first + count; page++) held[(int) page] = random.nextInt();
                }
                case 1 -> {
                    fetchPageOfManifest(layout.checksumPlane(), first * Integer.BYTES);
                    for (long page = first; page < first + count && samePage(first, page, Integer.BYTES); page++) {
                        manifest.setChecksum(page, random.nextBoolean() ? held[(int) page] : random.nextInt());
                    }
                }
                default -> {
                    fetchPageOfManifest(layout.statePlane(), first);
                    manifest.setState(first, random.nextBoolean() ? PageState.DATA : PageState.HOLE, false);
                }
            }
            assertThat(comparison.mismatches(all)).isEqualTo(expected());
        }
        assertThat(expected().isEmpty()).isFalse();
    }

    @Test
    void aPartOfTheManifestThatSpeaksOfNoPageChangesNothing() {
        for (int page = 0; page < PAGES; page++) put(page, 5);
        comparison.compareAhead(all);
        comparison.fetchingManifest(0, layout.statePlane());
        comparison.fetchingManifest(layout.heatPlane(), layout.checksumPlane() - layout.heatPlane());
        // Vouched for still: what nobody has fetched is not looked at.
        held[17] = 6;
        assertThat(comparison.mismatches(all).isEmpty()).isTrue();
        comparison.fetching(17, 1);
        assertThat(comparison.mismatches(all).ranges()).hasSize(1);
    }

    private void put(int page, int checksum) {
        held[page] = checksum;
        manifest.setState(page, PageState.DATA, false);
        manifest.setChecksum(page, checksum);
    }

    private void fetchPageOfManifest(long plane, long offset) {
        comparison.fetchingManifest(plane + offset - offset % SpaceLayout.PAGE_BYTES, SpaceLayout.PAGE_BYTES);
    }

    private static boolean samePage(long first, long other, int bytesEach) {
        return first * bytesEach / SpaceLayout.PAGE_BYTES == other * bytesEach / SpaceLayout.PAGE_BYTES;
    }
}
