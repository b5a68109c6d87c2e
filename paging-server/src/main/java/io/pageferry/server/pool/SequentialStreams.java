package io.pageferry.server.pool;

/**
 * Recognizes first writes that follow each other, and how far to allocate ahead of them: nothing for the first write of a
 * stream, then twice as much each time up to 4 MiB. Several writers (or a copier's connections) are several streams.
 */
final class SequentialStreams {
    static final long MAX_AHEAD_PAGES = 1024;

    private static final long FIRST_AHEAD_PAGES = 16;
    private static final int STREAM_COUNT = 8;

    private final long[] nextPages = new long[STREAM_COUNT];
    private final long[] aheadPages = new long[STREAM_COUNT];
    private int oldest;

    /** How many pages to allocate after a run that must be allocated now. */
    long aheadOf(long firstPage) {
        for (int stream = 0; stream < STREAM_COUNT; stream++) {
            if (nextPages[stream] == firstPage && firstPage != 0) {
                return Math.min(MAX_AHEAD_PAGES, Math.max(FIRST_AHEAD_PAGES, 2 * aheadPages[stream]));
            }
        }
        return 0;
    }

    /** Remembers where a run ended that began at {@code firstPage}, with what was allocated ahead of it. */
    void allocated(long firstPage, long end, long ahead) {
        int slot = -1;
        for (int stream = 0; stream < STREAM_COUNT; stream++) {
            if (nextPages[stream] == firstPage && firstPage != 0) {
                slot = stream;
            }
        }
        if (slot < 0) {
            slot = oldest;
            oldest = (oldest + 1) % STREAM_COUNT;
        }
        nextPages[slot] = end;
        aheadPages[slot] = ahead;
    }
}
