package io.pageferry.migration;

import io.pageferry.heat.HeatMap;
import io.pageferry.manifest.Manifest;
import io.pageferry.manifest.SpaceLayout;
import io.pageferry.page.PageSet;
import io.pageferry.path.PagePathOut;

/** Writes to the space what changes in the manifest. What reaches it is certain only after {@link PagePathOut#await}. */
final class ManifestOut {
    private final Manifest manifest;
    private final PagePathOut path;

    ManifestOut(Manifest manifest, PagePathOut path) {
        this.manifest = manifest;
        this.path = path;
    }

    void writeChanges() {
        long start = manifest.layout().manifestOffset();
        manifest.takeChanged().forEachRange((firstPage, pageCount) -> {
            long at = firstPage * SpaceLayout.PAGE_BYTES;
            path.write(start + at, manifest.bytes().asSlice(at, pageCount * SpaceLayout.PAGE_BYTES));
        });
    }

    void writeHeat(HeatMap heat) {
        manifest.setHeats(heat.levels());
        writeChanges();
    }

    /** Says of these pages that what the space holds of them need not match its checksum. */
    void writeUnsettled(PageSet pages) {
        pages.forEachRange((first, count) -> {
            for (long page = first; page < first + count; page++) manifest.setUnsettled(page);
        });
        writeChanges();
    }
}
