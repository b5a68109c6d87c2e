package io.pageferry.examples.kv.store;

import static io.pageferry.examples.kv.store.StoreMemory.PAGE_BYTES;

/** An array that grows and shrinks at its end by whole pages, which a directory of page indexes leads to. */
final class PagedArray {
    private final StoreMemory memory;
    private final PageRuns runs;
    private final long directory;
    private final long maxEntries;
    private final int entryBytes;
    private final int entriesPerPage;

    PagedArray(StoreMemory memory, PageRuns runs, long directory, int entryBytes) {
        this.memory = memory;
        this.runs = runs;
        this.directory = directory;
        this.maxEntries = Layout.maxEntries(memory.sizeBytes(), entryBytes);
        this.entryBytes = entryBytes;
        this.entriesPerPage = PAGE_BYTES / entryBytes;
    }

    /** Forgets the pages of this many entries, whoever has the pages now. */
    void forget(long entryCount) {
        memory.fill(directory, (entryCount + entriesPerPage - 1) / entriesPerPage * Integer.BYTES, 0);
    }

    /** The offset of an entry that is there. */
    long at(long index) {
        int page = memory.getInt(slot(index));
        return PageMap.offsetOf(page) + index % entriesPerPage * entryBytes;
    }

    /** Makes the entry at the end be there, zero if its page is new; false if there is no room. */
    boolean grow(long index) {
        if (index >= maxEntries) return false;
        if (memory.getInt(slot(index)) != PageRuns.NONE) return true;
        int page = runs.allocate(1, PageMap.USED);
        if (page == PageRuns.NONE) return false;
        memory.fill(PageMap.offsetOf(page), PAGE_BYTES, 0);
        memory.putInt(slot(index), page);
        return true;
    }

    /** The entry at the end is not needed any more. */
    void shrink(long index) {
        if (index % entriesPerPage != 0) return;
        runs.free(memory.getInt(slot(index)));
        memory.putInt(slot(index), PageRuns.NONE);
    }

    private long slot(long index) {
        return directory + index / entriesPerPage * Integer.BYTES;
    }
}
