package io.pageferry.examples.kv.store;

/**
 * What a store holds.
 *
 * @param recordCount keys
 * @param deadlineCount keys that expire
 * @param bucketCount buckets of the hash index
 * @param dataPages pages for data
 * @param freePages of them, free ones
 * @param stalePages of the free ones, those not given back yet
 * @param expiredRecords keys that have expired so far
 * @param movedRecords records that were moved to empty sparse slabs so far
 */
public record StoreFigures(
        long recordCount,
        long deadlineCount,
        long bucketCount,
        long dataPages,
        long freePages,
        long stalePages,
        long expiredRecords,
        long movedRecords) {}
