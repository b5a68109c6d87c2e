package io.pageferry.migration;

import java.util.function.BooleanSupplier;

/**
 * How an agent lets partitions arrive.
 *
 * @param prefetches whether pages are fetched while the source still sends
 * @param maxBytesPerSecond the most that the background fill fetches; 0 for no limit. Faults are served without one
 * @param tracked whether writes of the partition are tracked now: what arrives then is armed, so that it counts as no write
 */
public record ArrivalOptions(boolean prefetches, long maxBytesPerSecond, BooleanSupplier tracked) {}
