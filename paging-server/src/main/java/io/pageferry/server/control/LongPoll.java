package io.pageferry.server.control;

import io.pageferry.server.http.Request;

/**
 * The query of a long poll: {@code after} is the version that the client knows, {@code wait-ms} how long it waits for a newer.
 * Without them the answer comes at once.
 */
record LongPoll(long after, long waitMs) {
    static final String AFTER = "after";
    static final String WAIT_MS = "wait-ms";
    private static final long MAX_WAIT_MS = 60_000;

    static LongPoll of(Request request) {
        return new LongPoll(
                request.wholeNumber(AFTER, 0, Long.MAX_VALUE).orElse(0),
                request.wholeNumber(WAIT_MS, 0, MAX_WAIT_MS).orElse(0));
    }
}
