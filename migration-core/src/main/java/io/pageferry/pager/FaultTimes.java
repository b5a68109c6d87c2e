package io.pageferry.pager;

import java.util.HashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** How long faults took, and how long each thread of the program waited. Guarded by its owner. */
final class FaultTimes {
    private static final long LONGEST_NS = 3_600_000_000_000L;
    private static final long SHORTEST_NS = 100;
    private static final int MAX_THREADS = 4096;
    private static final int OTHER_THREADS = 0;

    private final Histogram resolvedNs = new Histogram(SHORTEST_NS, LONGEST_NS, 2);
    private final Map<Integer, Long> blockedNs = new HashMap<>();

    void resolved(int threadId, long waitedNs) {
        resolvedNs.recordValue(Math.clamp(waitedNs, 0, LONGEST_NS));
        boolean known = blockedNs.size() < MAX_THREADS || blockedNs.containsKey(threadId);
        blockedNs.merge(known ? threadId : OTHER_THREADS, waitedNs, Long::sum);
    }

    long resolvedCount() {
        return resolvedNs.getTotalCount();
    }

    long percentileNs(double percentile) {
        return resolvedNs.getValueAtPercentile(percentile);
    }

    long maxNs() {
        return resolvedNs.getMaxValue();
    }

    Map<Integer, Long> blockedNs() {
        return blockedNs;
    }
}
