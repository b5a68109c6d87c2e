package io.pageferry.migration;

import io.pageferry.manifest.SpaceLayout;

/** The figures of a source's rounds: what remains, how fast pages go, and how fast they get dirty. For one thread. */
final class RoundFigures {
    private final Progress progress;
    private long scannedNs = System.nanoTime();
    private long roundNs = scannedNs;
    private long sentBefore;

    RoundFigures(Progress progress) {
        this.progress = progress;
    }

    /**
     * Notes a scan.
     *
     * @param dirtyPages that the program has written since the scan before, or since the first pass began
     * @param remainingPages to be sent still, those that are put off among them
     */
    void scanned(long dirtyPages, long remainingPages) {
        long nowNs = System.nanoTime();
        progress.set("dirty-pages-rate", perSecond(dirtyPages, nowNs - scannedNs));
        scannedNs = nowNs;
        progress.add("dirty-sync-count", 1);
        progress.add("dirtied-pages", dirtyPages);
        remaining(remainingPages);
    }

    void roundBegins() {
        roundNs = System.nanoTime();
        sentBefore = progress.get("normal");
    }

    /** Notes how many pages of the round, or of those after it, are still to go. */
    void remaining(long pages) {
        progress.set("remaining", pages * SpaceLayout.PAGE_BYTES);
    }

    /** How many pages of the round have gone so far, zeroes not counted. */
    long sent() {
        return progress.get("normal") - sentBefore;
    }

    /** How long the round has gone on. */
    long sinceNs() {
        return System.nanoTime() - roundNs;
    }

    /** Notes the rate of the round so far. */
    void going() {
        setRate(perSecond(sent(), sinceNs()));
    }

    /** Notes a rate. */
    void setRate(long pagesPerSecond) {
        progress.set("pages-per-second", pagesPerSecond);
        progress.set("mbps", Math.round(pagesPerSecond * SpaceLayout.PAGE_BYTES * 8 / 1e6));
    }

    private static long perSecond(long pages, long durationNs) {
        return Math.round(pages / Math.max(1e-3, durationNs / 1e9));
    }
}
