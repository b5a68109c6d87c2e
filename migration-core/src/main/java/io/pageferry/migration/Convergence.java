package io.pageferry.migration;

/**
 * When to switch over: once what is dirty can be sent within the downtime limit, at the rate measured so far.
 *
 * <p>The rate is that of whole rounds with the path drained at their end, so it is what the space takes, not what the
 * socket's buffers swallow.
 */
final class Convergence {
    /** What the hand-over takes besides the last pages: quiesce, manifest, flush, commit, resume. */
    private static final long FIXED_NS = 5_000_000;
    /** As long as nothing was measured: a page in 10 us, 400 MB/s. */
    private static final double UNKNOWN_PAGES_PER_NS = 1e-4;

    private final MigrationOptions options;
    private double pagesPerNs;
    private int rounds;

    Convergence(MigrationOptions options) {
        this.options = options;
    }

    /** Learns from a round that sent pages. Short rounds say little about the rate, so they count less. */
    void roundSent(long pageCount, long durationNs) {
        rounds++;
        if (pageCount == 0 || durationNs <= 0) return;
        double rate = (double) pageCount / durationNs;
        double weight = pagesPerNs == 0 ? 1 : Math.min(1.0, pageCount / 4096.0) / 2;
        pagesPerNs += (rate - pagesPerNs) * weight;
    }

    int rounds() {
        return rounds;
    }

    double pagesPerSecond() {
        return pagesPerNs * 1e9;
    }

    /** The downtime to expect if the program quiesced now, with so many dirty pages, in ms. */
    long expectedDowntimeMs(long dirtyPages) {
        double sendNs = dirtyPages / (pagesPerNs == 0 ? UNKNOWN_PAGES_PER_NS : pagesPerNs);
        return Math.round((FIXED_NS + sendNs) / 1e6);
    }

    boolean isWithinLimit(long dirtyPages) {
        return expectedDowntimeMs(dirtyPages) <= options.maxDowntimeMs();
    }

    boolean isAtBound() {
        return rounds > options.maxRounds();
    }
}
