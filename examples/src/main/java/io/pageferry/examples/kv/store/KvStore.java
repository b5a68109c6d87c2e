package io.pageferry.examples.kv.store;

import io.pageferry.partition.Access;
import io.pageferry.partition.PartitionMemory;
import java.security.SecureRandom;

/**
 * The store: keys and values of bytes, deadlines, all in partition memory. The caller begins each operation with
 * {@link #begin}; a key or value is given as a range of a byte array; a found record is named by its offset, which is
 * valid until the next change.
 */
public final class KvStore {
    /** The longest value, in bytes. */
    public static final int MAX_VALUE_BYTES = 1 << 20;
    /** The longest key, in bytes. */
    public static final int MAX_KEY_BYTES = 1 << 16;

    private static final int SLABS_EMPTIED_FOR_ROOM = 64;

    private final StoreMemory memory;
    private final StoreHeader header;
    private final Layout layout;
    private final PageRuns runs;
    private final StalePages stale;
    private final Slabs slabs;
    private final Blocks blocks;
    private final HashIndex index;
    private final Deadlines deadlines;
    private final SlabCompactor compactor;
    private long hashSeed;
    private long nowMs;
    /** Whether this operation has begun to remove something, though it may be one that only reads. */
    private boolean isChanging;

    private boolean isDamaged;

    private KvStore(PartitionMemory partition) {
        layout = Layout.of(partition.sizeBytes());
        memory = new StoreMemory(partition);
        header = new StoreHeader(memory);
        PageMap pages = new PageMap(memory, layout);
        stale = new StalePages(memory, header, layout);
        runs = new PageRuns(header, pages, stale, layout);
        slabs = new Slabs(memory, header, pages, runs);
        blocks = new Blocks(memory, pages, runs, slabs);
        index = new HashIndex(
                memory, header, new PagedArray(memory, runs, layout.bucketDirectory(), Layout.BUCKET_BYTES));
        deadlines = new Deadlines(
                memory, header, new PagedArray(memory, runs, layout.deadlineDirectory(), Layout.DEADLINE_BYTES));
        compactor = new SlabCompactor(memory, header, pages, slabs, index, deadlines);
    }

    /** Formats a new store in memory that is all zero. Throws {@link IllegalStateException} if it is not. */
    public static KvStore format(PartitionMemory partition) {
        KvStore store = new KvStore(partition);
        if (!store.header.isBlank()) throw new IllegalStateException("the partition memory is not blank");
        store.header.format(new SecureRandom().nextLong());
        store.formatParts();
        store.header.seal();
        store.hashSeed = store.header.hashSeed();
        return store;
    }

    /** Goes on with the store in this memory. Throws {@link IllegalStateException} if there is none of this format and size. */
    public static KvStore open(PartitionMemory partition) {
        KvStore store = new KvStore(partition);
        store.header.check();
        store.hashSeed = store.header.hashSeed();
        store.isDamaged = store.header.isDamaged();
        return store;
    }

    /** Whether nothing was ever stored in this memory. */
    public static boolean isBlank(PartitionMemory partition) {
        return new StoreHeader(new StoreMemory(partition)).isBlank();
    }

    private void formatParts() {
        runs.format();
        slabs.format();
        deadlines.format();
        index.format();
    }

    /** Begins an operation: takes the partition's pointer, and the time in milliseconds since 1970. */
    public void begin(long timeMs) {
        memory.refresh();
        nowMs = timeMs;
        isChanging = false;
    }

    /**
     * The operation has met a page that is lost. If it was about to change something, the store is damaged from here on,
     * wherever it goes: what may be half done must not be built upon.
     *
     * @param changes whether it was one that changes the store
     */
    public void metLostPage(boolean changes) {
        if (isDamaged || !(changes || isChanging)) return;
        isDamaged = true;
        try {
            header.setDamaged();
        } catch (InternalError firstPageIsLost) {
            // Then no later process gets far with this store either.
            isDamaged = true;
        }
    }

    /** Whether the store may be half changed: it is read from now on, and not changed any more. */
    public boolean isDamaged() {
        return isDamaged;
    }

    public long nowMs() {
        return nowMs;
    }

    /** The record of a key, 0 if there is none. A record whose time has come is removed. */
    public long find(byte[] key, int at, int keyBytes) {
        long link = link(hash(key, at, keyBytes), key, at, keyBytes);
        return link == 0 ? 0 : memory.getLong(link);
    }

    /** How many bytes a record's value has. */
    public int valueBytes(long record) {
        return StoredRecord.valueBytes(memory, record);
    }

    /** Copies a record's value. */
    public void readValue(long record, byte[] to, int at) {
        memory.read(StoredRecord.value(memory, record), to, at, valueBytes(record));
    }

    public int keyBytes(long record) {
        return StoredRecord.keyBytes(memory, record);
    }

    /** Copies a record's key. */
    public void readKey(long record, byte[] to, int at) {
        memory.read(StoredRecord.key(record), to, at, keyBytes(record));
    }

    /**
     * Stores a value, whether or not the key is there.
     *
     * @throws StoreFullException if there is no room; the key is as it was
     */
    public void put(byte[] key, int keyAt, int keyBytes, byte[] value, int valueAt, int valueBytes, Expiry expiry) {
        long old = find(key, keyAt, keyBytes);
        int sizeBytes = StoredRecord.sizeBytes(keyBytes, valueBytes);
        if (old != 0 && blocks.capacityBytes(old) == Blocks.capacityFor(sizeBytes)) {
            applyExpiry(old, expiry);
            memory.write(StoredRecord.value(memory, old), value, valueAt, valueBytes);
            StoredRecord.valueBytes(memory, old, valueBytes);
            blocks.rewritten(old);
            return;
        }
        long block = prepare(key, keyAt, keyBytes, value, valueAt, valueBytes);
        try {
            if (expiry.mode() == Expiry.Mode.AT) applyExpiry(block, expiry);
        } catch (StoreFullException full) {
            blocks.free(block);
            throw full;
        }
        link(block, key, keyAt, keyBytes, expiry);
    }

    /**
     * Writes a record that no one finds yet: the first half of storing several at once or not at all.
     *
     * @throws StoreFullException if there is no room
     */
    public long prepare(byte[] key, int keyAt, int keyBytes, byte[] value, int valueAt, int valueBytes) {
        long block = allocate(StoredRecord.sizeBytes(keyBytes, valueBytes));
        StoredRecord.create(memory, block, hash(key, keyAt, keyBytes), keyBytes, valueBytes);
        memory.write(StoredRecord.key(block), key, keyAt, keyBytes);
        memory.write(StoredRecord.value(memory, block), value, valueAt, valueBytes);
        blocks.written(block);
        return block;
    }

    /** Makes a prepared record be its key's: the second half, which cannot fail. */
    public void link(long block, byte[] key, int keyAt, int keyBytes, Expiry expiry) {
        long link = index.find(StoredRecord.hash(memory, block), key, keyAt, keyBytes);
        if (link == 0) {
            index.insert(block);
            return;
        }
        long old = memory.getLong(link);
        if (expiry.mode() == Expiry.Mode.KEEP) deadlines.moved(old, block);
        else deadlines.remove(old);
        index.replace(link, block);
        blocks.free(old);
    }

    /** Gives a prepared record up. */
    public void discard(long block) {
        blocks.free(block);
    }

    /**
     * Appends to the value of a key that is there; its deadline stays.
     *
     * @return the new length in bytes
     * @throws StoreFullException if there is no room; the value is as it was
     */
    public int append(long record, byte[] bytes, int at, int lengthBytes) {
        int before = valueBytes(record);
        int keyBytes = keyBytes(record);
        int after = before + lengthBytes;
        if (StoredRecord.sizeBytes(keyBytes, after) <= blocks.capacityBytes(record)) {
            memory.write(StoredRecord.value(memory, record) + before, bytes, at, lengthBytes);
            StoredRecord.valueBytes(memory, record, after);
            blocks.rewritten(record);
            return after;
        }
        byte[] whole = new byte[keyBytes + after];
        readKey(record, whole, 0);
        readValue(record, whole, keyBytes);
        System.arraycopy(bytes, at, whole, keyBytes + before, lengthBytes);
        put(whole, 0, keyBytes, whole, keyBytes, after, Expiry.KEEP);
        return after;
    }

    /** Removes a key. @return whether it was there */
    public boolean remove(byte[] key, int at, int keyBytes) {
        long link = link(hash(key, at, keyBytes), key, at, keyBytes);
        if (link == 0) return false;
        removeAt(link);
        return true;
    }

    /** When a record expires, in milliseconds since 1970; -1 if it does not. */
    public long deadlineMs(long record) {
        return StoredRecord.deadlinePlace(memory, record) == 0 ? -1 : deadlines.timeMs(record);
    }

    /**
     * Sets or takes away a record's deadline.
     *
     * @throws StoreFullException if there is no room for one; the record is as it was
     */
    public void applyExpiry(long record, Expiry expiry) {
        switch (expiry.mode()) {
            case KEEP -> {}
            case NONE -> deadlines.remove(record);
            case AT -> {
                if (!deadlines.set(record, expiry.timeMs())) throw new StoreFullException();
            }
        }
    }

    /** Removes records whose time has come. @return how many, at most so many */
    public int expire(int maxRecords) {
        int expired = 0;
        for (long record = deadlines.firstDue(nowMs); record != 0 && expired < maxRecords; expired++) {
            removeExpired(index.linkTo(record));
            record = deadlines.firstDue(nowMs);
        }
        return expired;
    }

    /** Visits some records; see {@link HashIndex#scan}. @return the cursor to go on with, 0 at the end */
    public long scan(long cursor, RecordVisitor visitor) {
        return index.scan(cursor, visitor);
    }

    /** Whether a record's time has come. */
    public boolean isExpired(long record) {
        long timeMs = deadlineMs(record);
        return timeMs >= 0 && timeMs <= nowMs;
    }

    /** Removes everything. The pages are given back by {@link #releasePages}, in portions. */
    public void clear() {
        memory.protect(layout.firstDataPage(), layout.dataPages(), Access.READ_WRITE);
        stale.add(layout.firstDataPage(), layout.dataPages());
        formatParts();
    }

    /** Gives back free pages that still hold something. @return how many, at most so many */
    public int releasePages(int maxPages) {
        return stale.release(maxPages);
    }

    /** Moves records out of sparse slabs. @return how many slabs were emptied, at most so many */
    public int compact(int maxSlabs) {
        return compactor.step(maxSlabs);
    }

    /** What the store holds, for INFO and for tests. */
    public StoreFigures figures() {
        return new StoreFigures(
                header.recordCount(),
                header.deadlineCount(),
                header.bucketCount(),
                layout.dataPages(),
                header.freePages(),
                header.stalePages(),
                header.expiredRecords(),
                header.movedRecords());
    }

    public long recordCount() {
        return header.recordCount();
    }

    private int hash(byte[] key, int at, int keyBytes) {
        return KeyHash.of(key, at, keyBytes, hashSeed);
    }

    private long link(int hash, byte[] key, int at, int keyBytes) {
        long link = index.find(hash, key, at, keyBytes);
        if (link == 0 || !isExpired(memory.getLong(link))) return link;
        if (!isDamaged) removeExpired(link);
        return 0;
    }

    private void removeExpired(long link) {
        // Until the next operation begins: the JVM may tell of a lost page some steps after it was touched.
        isChanging = true;
        removeAt(link);
        header.countExpired();
    }

    private void removeAt(long link) {
        long record = memory.getLong(link);
        deadlines.remove(record);
        index.remove(link);
        blocks.free(record);
    }

    private long allocate(int bytes) {
        long block = blocks.allocate(bytes);
        while (block == 0) {
            if (compactor.step(SLABS_EMPTIED_FOR_ROOM) == 0) throw new StoreFullException();
            block = blocks.allocate(bytes);
        }
        return block;
    }
}
