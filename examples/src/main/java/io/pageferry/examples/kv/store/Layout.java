package io.pageferry.examples.kv.store;

import static io.pageferry.examples.kv.store.StoreMemory.PAGE_BYTES;

/**
 * Where the parts of a store begin, in bytes from 0: header, page map, bitmap of stale pages, directories of the two
 * paged arrays, data pages. A function of the size alone.
 */
record Layout(
        int pageCount,
        long pageMap,
        long staleBitmap,
        long bucketDirectory,
        long deadlineDirectory,
        int firstDataPage) {
    static final int PAGE_ENTRY_BYTES = 32;
    static final int BUCKET_BYTES = 8;
    static final int DEADLINE_BYTES = 16;

    private static final long MAX_PAGES = Integer.MAX_VALUE;

    static Layout of(long sizeBytes) {
        if (sizeBytes < StoreHeader.MIN_SIZE_BYTES
                || sizeBytes % PAGE_BYTES != 0
                || sizeBytes / PAGE_BYTES > MAX_PAGES) {
            throw new IllegalArgumentException("a store needs a multiple of " + PAGE_BYTES + " bytes, at least "
                    + StoreHeader.MIN_SIZE_BYTES + ", not " + sizeBytes);
        }
        long pageCount = sizeBytes / PAGE_BYTES;
        // No store can hold more records than this, since the smallest block has this size.
        long maxRecords = sizeBytes / SizeClasses.sizeBytes(0);
        long pageMap = PAGE_BYTES;
        long staleBitmap = wholePages(pageMap + pageCount * PAGE_ENTRY_BYTES);
        long bucketDirectory = wholePages(staleBitmap + (pageCount + 63) / 64 * Long.BYTES);
        long deadlineDirectory = wholePages(bucketDirectory + directoryBytes(maxRecords, BUCKET_BYTES));
        long data = wholePages(deadlineDirectory + directoryBytes(maxRecords, DEADLINE_BYTES));
        return new Layout(
                (int) pageCount, pageMap, staleBitmap, bucketDirectory, deadlineDirectory, (int) (data / PAGE_BYTES));
    }

    /** How many entries the array can have that a directory of this layout leads to. */
    static long maxEntries(long sizeBytes, int entryBytes) {
        return directoryBytes(sizeBytes / SizeClasses.sizeBytes(0), entryBytes)
                / Integer.BYTES
                * (PAGE_BYTES / entryBytes);
    }

    int dataPages() {
        return pageCount - firstDataPage;
    }

    private static long directoryBytes(long entries, int entryBytes) {
        return (entries * entryBytes / PAGE_BYTES + 1) * Integer.BYTES;
    }

    private static long wholePages(long bytes) {
        return (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    }
}
