package io.pageferry.examples.kv.store;

import static io.pageferry.examples.kv.store.StoreMemory.PAGE_BYTES;

/**
 * The block sizes below a page run: steps of 16 bytes up to 128, then four a doubling, so that a block is at most a
 * quarter larger than what was asked for (and 16 bytes). A slab of a class is a short run of pages cut into such blocks.
 */
final class SizeClasses {
    /** The largest block that is cut from a slab, in bytes; anything larger gets whole pages. */
    static final int MAX_BYTES = 8192;

    private static final int MIN_BYTES = 32;
    private static final int MAX_SLAB_PAGES = 8;
    private static final int[] SIZE_BYTES = sizes();
    private static final int[] SLAB_PAGES = new int[SIZE_BYTES.length];
    private static final byte[] CLASS_OF_STEP = new byte[MAX_BYTES / 16 + 1];

    static {
        for (int c = 0; c < SIZE_BYTES.length; c++) SLAB_PAGES[c] = choosePages(SIZE_BYTES[c]);
        byte slabClass = 0;
        for (int step = 0; step < CLASS_OF_STEP.length; step++) {
            if (step * 16 > SIZE_BYTES[slabClass]) slabClass++;
            CLASS_OF_STEP[step] = slabClass;
        }
    }

    private SizeClasses() {}

    static int count() {
        return SIZE_BYTES.length;
    }

    static int classFor(int bytes) {
        return CLASS_OF_STEP[(bytes + 15) / 16];
    }

    static int sizeBytes(int slabClass) {
        return SIZE_BYTES[slabClass];
    }

    static int slabPages(int slabClass) {
        return SLAB_PAGES[slabClass];
    }

    static int slotsPerSlab(int slabClass) {
        return SLAB_PAGES[slabClass] * PAGE_BYTES / SIZE_BYTES[slabClass];
    }

    private static int[] sizes() {
        int[] sizes = new int[StoreHeader.SLAB_CLASSES];
        int count = 0;
        for (int size = MIN_BYTES; size <= 128; size += 16) sizes[count++] = size;
        for (int doubling = 128; doubling < MAX_BYTES; doubling *= 2) {
            for (int quarter = 5; quarter <= 8; quarter++) sizes[count++] = doubling * quarter / 4;
        }
        return java.util.Arrays.copyOf(sizes, count);
    }

    /** The fewest pages that waste at most an eighth behind the last slot, and hold at least two slots. */
    private static int choosePages(int sizeBytes) {
        for (int pages = 1; pages < MAX_SLAB_PAGES; pages++) {
            int bytes = pages * PAGE_BYTES;
            if (bytes >= 2 * sizeBytes && bytes % sizeBytes <= bytes / 8) return pages;
        }
        return MAX_SLAB_PAGES;
    }
}
