package io.pageferry.examples.load;

import java.util.Arrays;

/** When each of the latest requests of one connection was due, and how long it took from then. One writer. */
final class Latencies {
    private static final int CAPACITY = 1 << 19;

    private final long[] dueNs = new long[CAPACITY];
    private final long[] tookNs = new long[CAPACITY];
    private int count;

    synchronized void add(long due, long took) {
        dueNs[count % CAPACITY] = due;
        tookNs[count % CAPACITY] = took;
        count++;
    }

    /** The latencies of the requests that were due from one time to another, in nanoseconds since 1970. */
    synchronized long[] between(long fromNs, long toNs) {
        long[] found = new long[Math.min(count, CAPACITY)];
        int size = 0;
        for (int i = 0; i < found.length; i++) {
            if (dueNs[i] >= fromNs && dueNs[i] < toNs) found[size++] = tookNs[i];
        }
        return Arrays.copyOf(found, size);
    }
}
