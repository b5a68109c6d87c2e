package io.pageferry.examples.kv.store;

/**
 * Allocates blocks of the size classes out of slabs. A class lists its slabs that have a free slot; a slab lists its free
 * slots through the slots themselves; a slab without a used slot goes back to the page runs at once.
 */
final class Slabs {
    private final StoreMemory memory;
    private final StoreHeader header;
    private final PageMap pages;
    private final PageRuns runs;

    Slabs(StoreMemory memory, StoreHeader header, PageMap pages, PageRuns runs) {
        this.memory = memory;
        this.header = header;
        this.pages = pages;
        this.runs = runs;
    }

    void format() {
        for (int c = 0; c < SizeClasses.count(); c++) {
            header.slabHead(c, PageRuns.NONE);
            header.addSlabs(c, -header.slabCount(c));
            header.addSlabSlotsUsed(c, -header.slabSlotsUsed(c));
        }
    }

    /** A block of a class as a byte offset; 0 if there is no room. */
    long allocate(int slabClass) {
        int head = header.slabHead(slabClass);
        if (head == PageRuns.NONE) {
            head = create(slabClass);
            if (head == PageRuns.NONE) return 0;
        }
        int used = pages.usedSlots(head);
        int touched = pages.touchedSlots(head);
        int slot = pages.freeSlot(head);
        if (slot != PageMap.NO_SLOT) {
            pages.freeSlot(head, StoredRecord.nextFreeSlot(memory, offset(head, slabClass, slot)));
        } else {
            slot = touched++;
        }
        pages.slots(head, used + 1, touched);
        header.addSlabSlotsUsed(slabClass, 1);
        if (used + 1 == SizeClasses.slotsPerSlab(slabClass)) unlink(head, slabClass);
        return offset(head, slabClass, slot);
    }

    void free(long block, int head) {
        int slabClass = pages.slabClass(head);
        int used = pages.usedSlots(head) - 1;
        header.addSlabSlotsUsed(slabClass, -1);
        if (used + 1 == SizeClasses.slotsPerSlab(slabClass)) link(head, slabClass);
        if (used == 0) {
            unlink(head, slabClass);
            header.addSlabs(slabClass, -1);
            runs.free(head);
            return;
        }
        StoredRecord.markFreeSlot(memory, block, pages.freeSlot(head));
        pages.freeSlot(head, (int) ((block - PageMap.offsetOf(head)) / SizeClasses.sizeBytes(slabClass)));
        pages.slots(head, used, pages.touchedSlots(head));
    }

    static long offset(int head, int slabClass, int slot) {
        return PageMap.offsetOf(head) + (long) slot * SizeClasses.sizeBytes(slabClass);
    }

    private int create(int slabClass) {
        int pageCount = SizeClasses.slabPages(slabClass);
        int head = runs.allocate(pageCount, PageMap.SLAB);
        if (head == PageRuns.NONE) return PageRuns.NONE;
        for (int page = head; page < head + pageCount; page++) {
            pages.kind(page, PageMap.SLAB);
            pages.head(page, head);
        }
        pages.slabClass(head, slabClass);
        pages.slots(head, 0, 0);
        pages.freeSlot(head, PageMap.NO_SLOT);
        header.addSlabs(slabClass, 1);
        link(head, slabClass);
        return head;
    }

    /** Makes another slab of the class the next to allocate from; false if this is the only one with a free slot. */
    boolean yieldTurn(int head, int slabClass) {
        if (header.slabHead(slabClass) != head) return true;
        int other = pages.next(head);
        if (other == PageRuns.NONE) return false;
        unlink(head, slabClass);
        int after = pages.next(other);
        pages.next(other, head);
        pages.previous(head, other);
        pages.next(head, after);
        if (after != PageRuns.NONE) pages.previous(after, head);
        return true;
    }

    private void link(int head, int slabClass) {
        int next = header.slabHead(slabClass);
        pages.previous(head, PageRuns.NONE);
        pages.next(head, next);
        if (next != PageRuns.NONE) pages.previous(next, head);
        header.slabHead(slabClass, head);
    }

    private void unlink(int head, int slabClass) {
        int previous = pages.previous(head);
        int next = pages.next(head);
        if (next != PageRuns.NONE) pages.previous(next, previous);
        if (previous != PageRuns.NONE) pages.next(previous, next);
        else header.slabHead(slabClass, next);
    }
}
