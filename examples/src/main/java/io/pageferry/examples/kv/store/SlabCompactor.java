package io.pageferry.examples.kv.store;

/**
 * Empties sparse slabs into the others of their class, so that deleting every other record gives pages back. Since
 * everything is addressed by offset, a record moves by a copy and the change of one link.
 *
 * <p>Bound: when {@link #step} finds nothing to do, every class uses at least three quarters of its slots, but for two
 * slabs.
 */
final class SlabCompactor {
    private static final int LOOKS = 16;

    private final StoreMemory memory;
    private final StoreHeader header;
    private final PageMap pages;
    private final Slabs slabs;
    private final HashIndex index;
    private final Deadlines deadlines;

    SlabCompactor(
            StoreMemory memory, StoreHeader header, PageMap pages, Slabs slabs, HashIndex index, Deadlines deadlines) {
        this.memory = memory;
        this.header = header;
        this.pages = pages;
        this.slabs = slabs;
        this.index = index;
        this.deadlines = deadlines;
    }

    /** Empties slabs. @return how many were emptied, fewer than asked for if no more are worth it */
    int step(int maxSlabs) {
        int emptied = 0;
        for (int c = 0; c < SizeClasses.count(); c++) {
            while (emptied < maxSlabs && isSparse(c) && empty(sparsest(c), c)) emptied++;
        }
        return emptied;
    }

    private boolean isSparse(int slabClass) {
        int slots = SizeClasses.slotsPerSlab(slabClass);
        long all = (long) header.slabCount(slabClass) * slots;
        long free = all - header.slabSlotsUsed(slabClass);
        return free > 2L * slots && free * 4 > all;
    }

    /** Of the first few slabs with a free slot, the one with the fewest records. */
    private int sparsest(int slabClass) {
        int best = header.slabHead(slabClass);
        int head = best;
        for (int look = 0; look < LOOKS && head != PageRuns.NONE; look++) {
            if (pages.usedSlots(head) < pages.usedSlots(best)) best = head;
            head = pages.next(head);
        }
        return best;
    }

    private boolean empty(int slab, int slabClass) {
        int touched = pages.touchedSlots(slab);
        for (int slot = 0; slot < touched; slot++) {
            long record = Slabs.offset(slab, slabClass, slot);
            if (StoredRecord.isFreeSlot(memory, record)) continue;
            boolean wasLast = pages.usedSlots(slab) == 1;
            if (!move(record, slab, slabClass)) return false;
            if (wasLast) return true;
        }
        return false;
    }

    private boolean move(long record, int slab, int slabClass) {
        // A block that is being filled is in no chain yet, and stays.
        long link = index.linkTo(record);
        if (link == 0 || !slabs.yieldTurn(slab, slabClass)) return false;
        long to = slabs.allocate(slabClass);
        memory.move(record, to, SizeClasses.sizeBytes(slabClass));
        memory.putLong(link, to);
        deadlines.moved(record, to);
        slabs.free(record, slab);
        header.countMoved();
        return true;
    }
}
