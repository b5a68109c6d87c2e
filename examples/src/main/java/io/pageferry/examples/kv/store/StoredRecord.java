package io.pageferry.examples.kv.store;

/**
 * A key and its value in one block: chain link, hash, lengths, place in the heap of deadlines (24 bytes), then the key's
 * bytes, then the value's.
 */
final class StoredRecord {
    static final int HEADER_BYTES = 24;

    private static final int AT_NEXT = 0; // must be 0: the link to a record's successor has the record's own offset
    private static final int AT_HASH = 8;
    private static final int AT_KEY_LENGTH = 12;
    private static final int AT_VALUE_LENGTH = 16;
    private static final int AT_DEADLINE = 20;
    private static final int FREE_SLOT = -1;

    private StoredRecord() {}

    static int sizeBytes(int keyBytes, int valueBytes) {
        return HEADER_BYTES + keyBytes + valueBytes;
    }

    static void create(StoreMemory memory, long record, int hash, int keyBytes, int valueBytes) {
        memory.putLong(record + AT_NEXT, 0);
        memory.putInt(record + AT_HASH, hash);
        memory.putInt(record + AT_KEY_LENGTH, keyBytes);
        memory.putInt(record + AT_VALUE_LENGTH, valueBytes);
        memory.putInt(record + AT_DEADLINE, 0);
    }

    /** The next record of the same bucket, 0 at the end. */
    static long next(StoreMemory memory, long record) {
        return memory.getLong(record + AT_NEXT);
    }

    static void next(StoreMemory memory, long record, long next) {
        memory.putLong(record + AT_NEXT, next);
    }

    static int hash(StoreMemory memory, long record) {
        return memory.getInt(record + AT_HASH);
    }

    static int keyBytes(StoreMemory memory, long record) {
        return memory.getInt(record + AT_KEY_LENGTH);
    }

    static int valueBytes(StoreMemory memory, long record) {
        return memory.getInt(record + AT_VALUE_LENGTH);
    }

    static void valueBytes(StoreMemory memory, long record, int bytes) {
        memory.putInt(record + AT_VALUE_LENGTH, bytes);
    }

    static long key(long record) {
        return record + HEADER_BYTES;
    }

    static long value(StoreMemory memory, long record) {
        return record + HEADER_BYTES + keyBytes(memory, record);
    }

    /** The record's place in the heap of deadlines, counted from 1; 0 if it has no deadline. */
    static int deadlinePlace(StoreMemory memory, long record) {
        return memory.getInt(record + AT_DEADLINE);
    }

    static void deadlinePlace(StoreMemory memory, long record, int place) {
        memory.putInt(record + AT_DEADLINE, place);
    }

    /** Marks a slot that holds no record, and names the next free slot of the slab. */
    static void markFreeSlot(StoreMemory memory, long slot, int nextFreeSlot) {
        memory.putInt(slot + AT_KEY_LENGTH, FREE_SLOT);
        memory.putInt(slot + AT_HASH, nextFreeSlot);
    }

    static int nextFreeSlot(StoreMemory memory, long slot) {
        return memory.getInt(slot + AT_HASH);
    }

    static boolean isFreeSlot(StoreMemory memory, long slot) {
        return keyBytes(memory, slot) == FREE_SLOT;
    }
}
