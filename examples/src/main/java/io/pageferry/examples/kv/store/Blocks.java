package io.pageferry.examples.kv.store;

import static io.pageferry.examples.kv.store.StoreMemory.PAGE_BYTES;

import io.pageferry.partition.Access;

/** Allocates blocks of any size: from a slab up to {@link SizeClasses#MAX_BYTES}, as a run of whole pages beyond. */
final class Blocks {
    /** From this many pages on, the use of a block is declared. */
    private static final int READ_MOSTLY_PAGES = 4;

    private final StoreMemory memory;
    private final PageMap pages;
    private final PageRuns runs;
    private final Slabs slabs;

    Blocks(StoreMemory memory, PageMap pages, PageRuns runs, Slabs slabs) {
        this.memory = memory;
        this.pages = pages;
        this.runs = runs;
        this.slabs = slabs;
    }

    /** A block of at least this many bytes, as a byte offset; 0 if there is no room. */
    long allocate(int bytes) {
        if (bytes <= SizeClasses.MAX_BYTES) return slabs.allocate(SizeClasses.classFor(bytes));
        int head = runs.allocate(pagesFor(bytes), PageMap.BLOCK);
        return head == PageRuns.NONE ? 0 : PageMap.offsetOf(head);
    }

    void free(long block) {
        int head = pages.head(PageMap.pageOf(block));
        if (pages.kind(head) == PageMap.SLAB) {
            slabs.free(block, head);
            return;
        }
        if (pages.pageCount(head) >= READ_MOSTLY_PAGES) declare(head, Access.READ_WRITE);
        runs.free(head);
    }

    /** How many bytes a block holds. */
    int capacityBytes(long block) {
        int head = pages.head(PageMap.pageOf(block));
        if (pages.kind(head) == PageMap.SLAB) return SizeClasses.sizeBytes(pages.slabClass(head));
        return pages.pageCount(head) * PAGE_BYTES;
    }

    /** How many bytes a new block for so many bytes would hold. */
    static int capacityFor(int bytes) {
        if (bytes <= SizeClasses.MAX_BYTES) return SizeClasses.sizeBytes(SizeClasses.classFor(bytes));
        return pagesFor(bytes) * PAGE_BYTES;
    }

    /** A block holds a value now. A large one is declared read-only: values are mostly written once and read often. */
    void written(long block) {
        declareIfLarge(block, Access.READ_ONLY);
    }

    /** A block's value was changed where it is, which may well happen again. */
    void rewritten(long block) {
        declareIfLarge(block, Access.READ_WRITE);
    }

    private void declareIfLarge(long block, Access access) {
        int head = pages.head(PageMap.pageOf(block));
        if (pages.kind(head) == PageMap.BLOCK && pages.pageCount(head) >= READ_MOSTLY_PAGES) declare(head, access);
    }

    private void declare(int head, Access access) {
        memory.protect(head, pages.pageCount(head), access);
    }

    private static int pagesFor(int bytes) {
        return (bytes + PAGE_BYTES - 1) / PAGE_BYTES;
    }
}
