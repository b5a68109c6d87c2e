package io.pageferry.migration;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The steps of a migration with the wall-clock time of each, so that both sides' steps can be put in one order. Thread-safe. */
public final class Timeline {
    /**
     * A step.
     *
     * @param atNs nanoseconds since 1970, as this host's clock has them
     */
    public record Step(String step, long atNs) {}

    private final Clock clock = Clock.systemUTC();
    private final List<Step> steps = new ArrayList<>();

    /** Notes that a step begins now; returns the time. */
    public synchronized long mark(String step) {
        Instant now = clock.instant();
        long atNs = now.getEpochSecond() * 1_000_000_000 + now.getNano();
        steps.add(new Step(step, atNs));
        return atNs;
    }

    public synchronized List<Step> steps() {
        return List.copyOf(steps);
    }
}
