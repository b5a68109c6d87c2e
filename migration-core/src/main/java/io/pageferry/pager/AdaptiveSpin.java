package io.pageferry.pager;

/**
 * How long to look for the next fault before going to sleep: a wake-up costs tens of microseconds, so it pays where faults
 * follow each other closely, and only there. For one thread.
 */
final class AdaptiveSpin {
    private static final long SPIN_NS = Long.getLong("pageferry.fault.spin.ns", 100_000);
    private static final int MAX_MISSES = 8;

    private final FaultWait wait;
    private long lastFaultNs = System.nanoTime() - SPIN_NS;
    private int misses = MAX_MISSES;

    AdaptiveSpin(FaultWait wait) {
        this.wait = wait;
    }

    /** Notes that faults were read. */
    void onFaults(long nowNs) {
        boolean close = nowNs - lastFaultNs < 2 * SPIN_NS;
        misses = close ? 0 : Math.min(misses + 1, MAX_MISSES);
        lastFaultNs = nowNs;
    }

    /** Notes that the faults read have been served. */
    void onServed(long nowNs) {
        lastFaultNs = nowNs;
    }

    boolean goesOn(long nowNs) {
        return wait == FaultWait.SPIN && misses < MAX_MISSES && nowNs - lastFaultNs < SPIN_NS;
    }
}
