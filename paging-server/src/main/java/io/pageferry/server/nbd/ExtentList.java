package io.pageferry.server.nbd;

import java.util.Arrays;

/** The extents of one metadata context in a reply: neighbours of one status are one extent. */
final class ExtentList {
    /** More are not sent in one reply; the client asks on from there. */
    static final int MAX_EXTENTS = 4096;

    private final int maxExtents;
    private int[] lengthsAndFlags = new int[32];
    private int count;
    private boolean full;

    ExtentList(int maxExtents) {
        this.maxExtents = maxExtents;
    }

    /** Appends bytes of one status; ignored once the list is full. */
    void add(long bytes, int flags) {
        if (full || bytes == 0) {
            return;
        }
        if (count > 0 && lengthsAndFlags[2 * count - 1] == flags) {
            lengthsAndFlags[2 * count - 2] += (int) bytes; // a request is shorter than 2^32, and so is this
            return;
        }
        if (count == maxExtents) {
            full = true;
            return;
        }
        if (2 * count == lengthsAndFlags.length) {
            lengthsAndFlags = Arrays.copyOf(lengthsAndFlags, 4 * count);
        }
        lengthsAndFlags[2 * count] = (int) bytes;
        lengthsAndFlags[2 * count + 1] = flags;
        count++;
    }

    boolean isFull() {
        return full;
    }

    int count() {
        return count;
    }

    int[] lengthsAndFlags() {
        return lengthsAndFlags;
    }

    /** Bytes covered. */
    long length() {
        long sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Integer.toUnsignedLong(lengthsAndFlags[2 * i]);
        }
        return sum;
    }
}
