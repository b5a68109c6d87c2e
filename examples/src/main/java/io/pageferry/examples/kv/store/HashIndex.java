package io.pageferry.examples.kv.store;

/**
 * Finds records by key: linear hashing (Litwin 1980). The table grows by splitting one bucket an insertion and shrinks by
 * joining buckets at deletions, so that no operation ever rehashes everything. Where the table cannot grow, chains do.
 *
 * <p>A <i>link</i> is the offset of the word that leads to a record: a bucket, or the record before it in the chain.
 * Links are valid until the next change of the index.
 */
final class HashIndex {
    static final int MIN_BUCKETS = 512;
    private static final int MAX_JOINS = 2;
    private static final long UNSIGNED = 0xffff_ffffL;

    private final StoreMemory memory;
    private final StoreHeader header;
    private final PagedArray buckets;

    HashIndex(StoreMemory memory, StoreHeader header, PagedArray buckets) {
        this.memory = memory;
        this.header = header;
        this.buckets = buckets;
    }

    void format() {
        buckets.forget(header.bucketCount());
        if (!buckets.grow(0)) throw new IllegalStateException("no room for the first buckets");
        header.bucketCount(MIN_BUCKETS);
        header.recordCount(0);
    }

    /** The link to the record of a key, 0 if there is none. */
    long find(int hash, byte[] key, int at, int keyBytes) {
        long link = buckets.at(bucket(hash, header.bucketCount()));
        for (long record = memory.getLong(link); record != 0; record = memory.getLong(link)) {
            if (StoredRecord.hash(memory, record) == hash
                    && StoredRecord.keyBytes(memory, record) == keyBytes
                    && memory.equal(StoredRecord.key(record), key, at, keyBytes)) {
                return link;
            }
            link = record;
        }
        return 0;
    }

    /** The link to this record, 0 if it is not in the index. */
    long linkTo(long wanted) {
        long link = buckets.at(bucket(StoredRecord.hash(memory, wanted), header.bucketCount()));
        for (long record = memory.getLong(link); record != 0; record = memory.getLong(link)) {
            if (record == wanted) return link;
            link = record;
        }
        return 0;
    }

    void insert(long record) {
        push(bucket(StoredRecord.hash(memory, record), header.bucketCount()), record);
        header.recordCount(header.recordCount() + 1);
        if (header.recordCount() > header.bucketCount()) split();
    }

    void replace(long link, long record) {
        StoredRecord.next(memory, record, StoredRecord.next(memory, memory.getLong(link)));
        memory.putLong(link, record);
    }

    void remove(long link) {
        memory.putLong(link, StoredRecord.next(memory, memory.getLong(link)));
        header.recordCount(header.recordCount() - 1);
        for (int joins = 0; joins < MAX_JOINS && header.recordCount() * 2 < header.bucketCount(); joins++) join();
    }

    /**
     * Visits the records of one bucket: the one that holds the cursor's place, in the order of the hashes' reversed bits.
     * Each bucket is an interval of that order, and splitting and joining keep it so: whatever the table does between
     * two calls, a record that is there throughout is visited.
     *
     * @param cursor 0 to begin
     * @return the cursor to go on with, 0 at the end
     */
    long scan(long cursor, RecordVisitor visitor) {
        long count = header.bucketCount();
        long bucket = bucket(Integer.reverse((int) cursor), count);
        long record = memory.getLong(buckets.at(bucket));
        while (record != 0) {
            long next = StoredRecord.next(memory, record);
            visitor.visit(record);
            record = next;
        }
        int level = level(count);
        boolean isSplit = bucket >= 1L << level || bucket + (1L << level) < count;
        long interval = 1L << (32 - (isSplit ? level + 1 : level));
        return ((cursor & -interval) + interval) & UNSIGNED;
    }

    private void split() {
        long newBucket = header.bucketCount();
        if (!buckets.grow(newBucket)) return;
        int level = level(newBucket);
        long oldBucket = newBucket - (1L << level);
        long link = buckets.at(oldBucket);
        header.bucketCount(newBucket + 1);
        for (long record = memory.getLong(link); record != 0; record = memory.getLong(link)) {
            if (((StoredRecord.hash(memory, record) >>> level) & 1) == 0) {
                link = record;
            } else {
                memory.putLong(link, StoredRecord.next(memory, record));
                push(newBucket, record);
            }
        }
    }

    private void join() {
        long last = header.bucketCount() - 1;
        if (last < MIN_BUCKETS) return;
        long link = buckets.at(last - (1L << level(last)));
        while (memory.getLong(link) != 0) link = memory.getLong(link);
        memory.putLong(link, memory.getLong(buckets.at(last)));
        memory.putLong(buckets.at(last), 0);
        buckets.shrink(last);
        header.bucketCount(last);
    }

    private void push(long bucket, long record) {
        long at = buckets.at(bucket);
        StoredRecord.next(memory, record, memory.getLong(at));
        memory.putLong(at, record);
    }

    private static int level(long bucketCount) {
        return 63 - Long.numberOfLeadingZeros(bucketCount);
    }

    private static long bucket(int hash, long bucketCount) {
        long half = 1L << level(bucketCount);
        long bucket = hash & UNSIGNED & (2 * half - 1);
        return bucket < bucketCount ? bucket : bucket & (half - 1);
    }
}
