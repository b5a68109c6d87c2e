package io.pageferry.server.directory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Where each extent's entry lies: a sparse array of two levels, filled once an extent and read without any lock. A leaf
 * covers 1024 extents (1 GiB of 4 KiB pages), so a space of 1 TiB that nobody wrote costs one array of 1024 references.
 */
final class ExtentTable {
    /** No entry lies at 0: the map's header does. */
    static final long ABSENT = 0;

    private static final int LEAF_SHIFT = 10;
    private static final int LEAF_SIZE = 1 << LEAF_SHIFT;
    private static final VarHandle LEAF = MethodHandles.arrayElementVarHandle(long[][].class);
    private static final VarHandle OFFSET = MethodHandles.arrayElementVarHandle(long[].class);

    private final long extentCount;
    private final long[][] leaves;

    ExtentTable(long extentCount) {
        this.extentCount = extentCount;
        this.leaves = new long[Math.toIntExact((extentCount + LEAF_SIZE - 1) >> LEAF_SHIFT)][];
    }

    /** The offset of the extent's entry, or {@link #ABSENT}. */
    long find(long extentIndex) {
        long[] leaf = (long[]) LEAF.getAcquire(leaves, (int) (extentIndex >> LEAF_SHIFT));
        return leaf == null ? ABSENT : (long) OFFSET.getAcquire(leaf, (int) extentIndex & (LEAF_SIZE - 1));
    }

    /** Publishes an entry that is complete in memory. The caller lets only one thread at a time do this. */
    void publish(long extentIndex, long offset) {
        int leafIndex = (int) (extentIndex >> LEAF_SHIFT);
        long[] leaf = leaves[leafIndex];
        if (leaf == null) {
            leaf = new long[LEAF_SIZE];
            LEAF.setRelease(leaves, leafIndex, leaf);
        }
        OFFSET.setRelease(leaf, (int) extentIndex & (LEAF_SIZE - 1), offset);
    }

    /** The first extent not below {@code extentIndex} that has an entry, or the number of extents. */
    long nextPresent(long extentIndex) {
        for (long extent = extentIndex; extent < extentCount; ) {
            long[] leaf = (long[]) LEAF.getAcquire(leaves, (int) (extent >> LEAF_SHIFT));
            if (leaf == null) {
                extent = (extent | (LEAF_SIZE - 1)) + 1;
            } else if ((long) OFFSET.getAcquire(leaf, (int) extent & (LEAF_SIZE - 1)) != ABSENT) {
                return extent;
            } else {
                extent++;
            }
        }
        return extentCount;
    }
}
