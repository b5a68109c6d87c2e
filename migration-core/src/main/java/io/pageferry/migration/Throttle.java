package io.pageferry.migration;

import java.util.concurrent.TimeUnit;

/** Keeps what one thread does under a rate. */
final class Throttle {
    private static final long SLEPT_AT_ONCE_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private final long maxBytesPerSecond;
    private long freeAtNs = System.nanoTime();

    /** @param maxBytesPerSecond 0 for no limit */
    Throttle(long maxBytesPerSecond) {
        this.maxBytesPerSecond = maxBytesPerSecond;
    }

    /** Whether more may be fetched now. Where not, it has slept a little: ask again. */
    boolean isTurn() throws InterruptedException {
        long leftNs = freeAtNs - System.nanoTime();
        if (maxBytesPerSecond == 0 || leftNs <= 0) return true;
        TimeUnit.NANOSECONDS.sleep(Math.min(leftNs, SLEPT_AT_ONCE_NS));
        return false;
    }

    /** Notes bytes that are being fetched: the next turn comes when they would be through at the rate. */
    void took(long sizeBytes) {
        if (maxBytesPerSecond == 0) return;
        long nowNs = System.nanoTime();
        freeAtNs = Math.max(freeAtNs, nowNs) + sizeBytes * TimeUnit.SECONDS.toNanos(1) / maxBytesPerSecond;
    }
}
