package io.pageferry.examples.demo;

/** How long a client's requests take, one at a time. The client begins and ends them; anybody may ask. */
final class Stalls {
    private boolean underWay;
    private long beginNs;
    private long longestNs;

    synchronized void begin() {
        underWay = true;
        beginNs = System.nanoTime();
    }

    synchronized void end() {
        longestNs = Math.max(longestNs, System.nanoTime() - beginNs);
        underWay = false;
    }

    /** The longest that a request took which ended since the last call, or has taken by now if it has not ended. */
    synchronized long takeLongestNs() {
        long waitingNs = underWay ? System.nanoTime() - beginNs : 0;
        long taken = Math.max(longestNs, waitingNs);
        longestNs = 0;
        return taken;
    }
}
