package io.pageferry.pager;

import java.util.Map;

/**
 * What a fault server has done, at one moment. Times are from reading a fault's report to the waking of its thread.
 *
 * @param faults faults reported; one for each thread that waited for a page
 * @param joined faults on a page that was already on its way
 * @param resolved faults resolved
 * @param waitingThreads faults not resolved yet
 * @param stuckPages pages that could not be fetched and are not asked for any more
 * @param failedFetches pages that a source could not deliver, counted at each failure
 * @param strayAnswers pages delivered that nobody waited for (any more)
 * @param fillCalls kernel calls that filled pages, those of background fills included
 * @param alreadyPresent pages that somebody else had filled first
 * @param fillRetries kernel calls to be made again
 * @param p50Ns median time of a fault
 * @param p99Ns the time that 99 of 100 faults took at most
 * @param maxNs the longest time of a fault
 * @param blockedNs for each thread id of the program, how long it has waited for pages in all ("blocktime"); id 0 sums
 *     up threads beyond the first 4096
 */
public record FaultStats(
        long faults,
        long joined,
        long resolved,
        long waitingThreads,
        long stuckPages,
        long failedFetches,
        long strayAnswers,
        long fillCalls,
        long alreadyPresent,
        long fillRetries,
        long p50Ns,
        long p99Ns,
        long maxNs,
        Map<Integer, Long> blockedNs) {
    public FaultStats {
        blockedNs = Map.copyOf(blockedNs);
    }
}
