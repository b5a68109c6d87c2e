package io.pageferry.examples.kv.store;

import static io.pageferry.examples.kv.store.StoreMemory.PAGE_BYTES;

/**
 * One entry of 32 bytes a page: what the page is part of. It is kept apart from the pages, so that a free page holds
 * nothing and can be given back.
 */
final class PageMap {
    /** Kinds of pages. A page between the ends of a run may say anything: only the ends of runs are read. */
    static final int USED = 0;

    static final int FREE = 1;
    static final int BLOCK = 2;
    static final int SLAB = 3;

    /** No slot: the end of a slab's list of free slots. */
    static final int NO_SLOT = -1;

    private static final int AT_KIND = 0;
    private static final int AT_PAGE_COUNT = 4;
    private static final int AT_HEAD = 8;
    private static final int AT_PREVIOUS = 12;
    private static final int AT_NEXT = 16;
    private static final int AT_CLASS = 20;
    private static final int AT_SLOTS = 24; // used slots in the low half, slots ever used in the high half
    private static final int AT_FREE_SLOT = 28;

    private final StoreMemory memory;
    private final long base;

    PageMap(StoreMemory memory, Layout layout) {
        this.memory = memory;
        this.base = layout.pageMap();
    }

    static int pageOf(long offset) {
        return (int) (offset / PAGE_BYTES);
    }

    static long offsetOf(int pageIndex) {
        return (long) pageIndex * PAGE_BYTES;
    }

    private long entry(int pageIndex) {
        return base + (long) pageIndex * Layout.PAGE_ENTRY_BYTES;
    }

    int kind(int pageIndex) {
        return memory.getInt(entry(pageIndex) + AT_KIND);
    }

    void kind(int pageIndex, int kind) {
        memory.putInt(entry(pageIndex) + AT_KIND, kind);
    }

    /** The length of the run that begins at this page, in pages. */
    int pageCount(int head) {
        return memory.getInt(entry(head) + AT_PAGE_COUNT);
    }

    /** The first page of the run or slab that this page is part of: kept for the last page of a run, and each of a slab. */
    int head(int pageIndex) {
        return memory.getInt(entry(pageIndex) + AT_HEAD);
    }

    void head(int pageIndex, int head) {
        memory.putInt(entry(pageIndex) + AT_HEAD, head);
    }

    /** Marks both ends of a run. */
    void run(int head, int pageCount, int kind) {
        int last = head + pageCount - 1;
        kind(last, kind);
        head(last, head);
        kind(head, kind);
        head(head, head);
        memory.putInt(entry(head) + AT_PAGE_COUNT, pageCount);
    }

    int previous(int head) {
        return memory.getInt(entry(head) + AT_PREVIOUS);
    }

    void previous(int head, int pageIndex) {
        memory.putInt(entry(head) + AT_PREVIOUS, pageIndex);
    }

    int next(int head) {
        return memory.getInt(entry(head) + AT_NEXT);
    }

    void next(int head, int pageIndex) {
        memory.putInt(entry(head) + AT_NEXT, pageIndex);
    }

    int slabClass(int head) {
        return memory.getInt(entry(head) + AT_CLASS);
    }

    void slabClass(int head, int slabClass) {
        memory.putInt(entry(head) + AT_CLASS, slabClass);
    }

    int usedSlots(int head) {
        return memory.getInt(entry(head) + AT_SLOTS) & 0xffff;
    }

    /** How many slots have ever been used: those behind have never been written. */
    int touchedSlots(int head) {
        return memory.getInt(entry(head) + AT_SLOTS) >>> 16;
    }

    void slots(int head, int used, int touched) {
        memory.putInt(entry(head) + AT_SLOTS, used | (touched << 16));
    }

    int freeSlot(int head) {
        return memory.getInt(entry(head) + AT_FREE_SLOT);
    }

    void freeSlot(int head, int slot) {
        memory.putInt(entry(head) + AT_FREE_SLOT, slot);
    }
}
