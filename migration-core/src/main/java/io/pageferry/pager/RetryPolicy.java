package io.pageferry.pager;

import java.time.Duration;

/**
 * How often a page that could not be fetched is asked for again, before its waiting threads are reported as stuck.
 *
 * @param maxRequests requests in all, at least 1
 * @param firstDelay before the second request; doubles with each further one
 * @param maxDelay the longest delay
 */
public record RetryPolicy(int maxRequests, Duration firstDelay, Duration maxDelay) {
    /** Ten requests, the last about 10 s after the first. */
    public static final RetryPolicy DEFAULT = new RetryPolicy(10, Duration.ofMillis(20), Duration.ofSeconds(5));

    public RetryPolicy {
        if (maxRequests < 1) throw new IllegalArgumentException("maxRequests is " + maxRequests);
    }

    /** The delay after so many requests that failed, in milliseconds. */
    long delayMs(int failedRequests) {
        int doublings = Math.min(failedRequests - 1, 30);
        return Math.min(firstDelay.toMillis() << doublings, maxDelay.toMillis());
    }
}
