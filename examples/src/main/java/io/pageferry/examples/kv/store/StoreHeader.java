package io.pageferry.examples.kv.store;

import static io.pageferry.examples.kv.store.StoreMemory.PAGE_BYTES;

/**
 * Page 0: what the memory holds, where its parts begin, and the counters and list heads of the allocator. The layout is
 * described in docs/kv.md.
 */
final class StoreHeader {
    static final int FORMAT_VERSION = 1;
    static final int FREE_BINS = 128;
    static final int SLAB_CLASSES = 40;
    /** The smallest memory a store can be formatted in, in bytes. */
    static final long MIN_SIZE_BYTES = 64L * PAGE_BYTES;

    private static final long MAGIC = 0x31304f5453564b50L; // "PKVSTO01" in memory order
    private static final int AT_MAGIC = 0;
    private static final int AT_VERSION = 8;
    private static final int AT_PAGE_BYTES = 12;
    private static final int AT_SIZE = 16;
    private static final int AT_HASH_SEED = 24;
    private static final int AT_RECORD_COUNT = 32;
    private static final int AT_BUCKET_COUNT = 40;
    private static final int AT_DEADLINE_COUNT = 48;
    private static final int AT_FREE_PAGES = 56;
    private static final int AT_STALE_PAGES = 64;
    private static final int AT_EXPIRED = 72;
    private static final int AT_MOVED = 80;
    private static final int AT_BIN_BITS = 96;
    private static final int AT_DAMAGED = 112;
    private static final int AT_BIN_HEADS = 128;
    private static final int AT_SLAB_HEADS = AT_BIN_HEADS + FREE_BINS * Integer.BYTES;
    private static final int AT_SLAB_COUNTS = AT_SLAB_HEADS + SLAB_CLASSES * Integer.BYTES;
    private static final int AT_SLAB_USED = AT_SLAB_COUNTS + SLAB_CLASSES * Integer.BYTES;

    private final StoreMemory memory;

    StoreHeader(StoreMemory memory) {
        this.memory = memory;
    }

    /** Whether the memory holds nothing at all: where a store may be formatted. */
    boolean isBlank() {
        return memory.getLong(AT_MAGIC) == 0 && memory.getLong(AT_VERSION) == 0 && memory.getLong(AT_SIZE) == 0;
    }

    /** Throws unless the memory holds a store of this format and of this size. */
    void check() {
        if (memory.getLong(AT_MAGIC) != MAGIC) {
            throw new IllegalStateException("the partition memory holds something else than a key-value store");
        }
        if (memory.getInt(AT_VERSION) != FORMAT_VERSION || memory.getInt(AT_PAGE_BYTES) != PAGE_BYTES) {
            throw new IllegalStateException("the store in the partition memory has format " + memory.getInt(AT_VERSION)
                    + ", this program knows " + FORMAT_VERSION);
        }
        if (memory.getLong(AT_SIZE) != memory.sizeBytes()) {
            throw new IllegalStateException("the store in the partition memory was made for " + memory.getLong(AT_SIZE)
                    + " bytes, the memory has " + memory.sizeBytes());
        }
    }

    /** Writes everything but the magic, which {@link #seal} writes last. */
    void format(long hashSeed) {
        memory.fill(0, PAGE_BYTES, 0);
        memory.putInt(AT_VERSION, FORMAT_VERSION);
        memory.putInt(AT_PAGE_BYTES, PAGE_BYTES);
        memory.putLong(AT_SIZE, memory.sizeBytes());
        memory.putLong(AT_HASH_SEED, hashSeed);
    }

    void seal() {
        memory.putLong(AT_MAGIC, MAGIC);
    }

    long hashSeed() {
        return memory.getLong(AT_HASH_SEED);
    }

    boolean isDamaged() {
        return memory.getLong(AT_DAMAGED) != 0;
    }

    void setDamaged() {
        memory.putLong(AT_DAMAGED, 1);
    }

    long recordCount() {
        return memory.getLong(AT_RECORD_COUNT);
    }

    void recordCount(long count) {
        memory.putLong(AT_RECORD_COUNT, count);
    }

    long bucketCount() {
        return memory.getLong(AT_BUCKET_COUNT);
    }

    void bucketCount(long count) {
        memory.putLong(AT_BUCKET_COUNT, count);
    }

    long deadlineCount() {
        return memory.getLong(AT_DEADLINE_COUNT);
    }

    void deadlineCount(long count) {
        memory.putLong(AT_DEADLINE_COUNT, count);
    }

    long freePages() {
        return memory.getLong(AT_FREE_PAGES);
    }

    void addFreePages(long pageCount) {
        memory.putLong(AT_FREE_PAGES, freePages() + pageCount);
    }

    long stalePages() {
        return memory.getLong(AT_STALE_PAGES);
    }

    void addStalePages(long pageCount) {
        memory.putLong(AT_STALE_PAGES, stalePages() + pageCount);
    }

    long expiredRecords() {
        return memory.getLong(AT_EXPIRED);
    }

    void countExpired() {
        memory.putLong(AT_EXPIRED, expiredRecords() + 1);
    }

    long movedRecords() {
        return memory.getLong(AT_MOVED);
    }

    void countMoved() {
        memory.putLong(AT_MOVED, movedRecords() + 1);
    }

    long binBits(int word) {
        return memory.getLong(AT_BIN_BITS + (long) word * Long.BYTES);
    }

    void binBits(int word, long bits) {
        memory.putLong(AT_BIN_BITS + (long) word * Long.BYTES, bits);
    }

    /** The first free run of a bin, as a page index; 0 if there is none. */
    int binHead(int bin) {
        return memory.getInt(AT_BIN_HEADS + (long) bin * Integer.BYTES);
    }

    void binHead(int bin, int pageIndex) {
        memory.putInt(AT_BIN_HEADS + (long) bin * Integer.BYTES, pageIndex);
    }

    /** The first slab of a class that has a free slot, as a page index; 0 if there is none. */
    int slabHead(int slabClass) {
        return memory.getInt(AT_SLAB_HEADS + (long) slabClass * Integer.BYTES);
    }

    void slabHead(int slabClass, int pageIndex) {
        memory.putInt(AT_SLAB_HEADS + (long) slabClass * Integer.BYTES, pageIndex);
    }

    int slabCount(int slabClass) {
        return memory.getInt(AT_SLAB_COUNTS + (long) slabClass * Integer.BYTES);
    }

    void addSlabs(int slabClass, int count) {
        memory.putInt(AT_SLAB_COUNTS + (long) slabClass * Integer.BYTES, slabCount(slabClass) + count);
    }

    int slabSlotsUsed(int slabClass) {
        return memory.getInt(AT_SLAB_USED + (long) slabClass * Integer.BYTES);
    }

    void addSlabSlotsUsed(int slabClass, int count) {
        memory.putInt(AT_SLAB_USED + (long) slabClass * Integer.BYTES, slabSlotsUsed(slabClass) + count);
    }
}
