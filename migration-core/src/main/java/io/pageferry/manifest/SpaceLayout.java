package io.pageferry.manifest;

/**
 * Where things are in a paging space: page {@code i} at byte {@code i * 4096}, then the manifest: its header (one page), the
 * execution state (64 KiB), and the planes, one value a page, each from a page boundary on.
 *
 * <p>A fixed place for each page bounds the space however often pages are rewritten, and lets any NBD tool read it.
 *
 * @param pageCount the pages of the partition
 */
public record SpaceLayout(long pageCount) {
    /** The size of a page in bytes. */
    public static final int PAGE_BYTES = 4096;
    /** The room for the execution state in bytes. */
    public static final int STATE_AREA_BYTES = 64 << 10;

    /** @throws IllegalArgumentException if the count is not positive */
    public SpaceLayout {
        if (pageCount < 1) throw new IllegalArgumentException("a partition has pages, not " + pageCount);
    }

    /** The size of the whole space in bytes, for a partition of so many pages. */
    public static long sizeBytes(long pageCount) {
        SpaceLayout layout = new SpaceLayout(pageCount);
        return layout.manifestOffset() + layout.manifestBytes();
    }

    public long pageOffset(long pageIndex) {
        return pageIndex * PAGE_BYTES;
    }

    /** Where the manifest begins in the space: at its header. */
    public long manifestOffset() {
        return pageCount * PAGE_BYTES;
    }

    /** The length of the manifest in bytes, a multiple of the page size. */
    public long manifestBytes() {
        return checksumPlane() + wholePages(pageCount * Integer.BYTES);
    }

    /** Where the execution state begins, from the manifest's begin. */
    public long stateArea() {
        return PAGE_BYTES;
    }

    /** Where the plane of {@link PageState}s begins, from the manifest's begin: one byte a page. */
    public long statePlane() {
        return stateArea() + STATE_AREA_BYTES;
    }

    /** Where the plane of heat classes begins, from the manifest's begin: one byte a page. */
    public long heatPlane() {
        return statePlane() + wholePages(pageCount);
    }

    /** Where the plane of CRC32C values begins, from the manifest's begin: four bytes a page, little-endian. */
    public long checksumPlane() {
        return heatPlane() + wholePages(pageCount);
    }

    private static long wholePages(long sizeBytes) {
        return (sizeBytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    }
}
