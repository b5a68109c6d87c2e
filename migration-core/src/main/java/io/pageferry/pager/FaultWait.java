package io.pageferry.pager;

/** What the thread that serves faults does until the next one comes. */
public enum FaultWait {
    /** Looks for it for a moment, if the last ones came close together: that saves a wake-up, and costs a processor. */
    SPIN,
    /** Goes to sleep at once. */
    SLEEP;

    private static final int PROCESSORS_TO_SPARE = 4;

    /**
     * For a server beside which missing pages are filled in the background. Program, fill and whoever sends the pages want a processor
     * each; on two, the one that spun was taken from them, and faults took half as long again ({@code docs/heat.md} has the times).
     */
    public static FaultWait besideFill() {
        return Runtime.getRuntime().availableProcessors() >= PROCESSORS_TO_SPARE ? SPIN : SLEEP;
    }
}
