package io.pageferry.migration;

/**
 * How an agent lets partitions arrive.
 *
 * @param prefetches whether pages are fetched while the source still sends
 * @param maxBytesPerSecond the most that the background fill fetches; 0 for no limit. Faults are served without one
 */
public record ArrivalOptions(boolean prefetches, long maxBytesPerSecond) {}
