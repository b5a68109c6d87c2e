package io.pageferry.server.migration;

import io.pageferry.migration.Verification;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/** What both sides said of a migration on the way. In memory only: figures are lost with the server, states are not. */
final class Progress {
    private static final int MAX_STEPS = 2000;
    private static final Comparator<TimelineStep> BY_TIME = Comparator.comparingLong(TimelineStep::atNs)
            .thenComparing(TimelineStep::side)
            .thenComparing(TimelineStep::step);

    private final Set<TimelineStep> timeline = new TreeSet<>(BY_TIME);
    private Map<String, Object> source = Map.of();
    private Map<String, Object> target = Map.of();
    private boolean resumed;
    private Verification verification = Verification.NONE;
    private long stepVersion;

    synchronized Map<String, Object> source() {
        return source;
    }

    synchronized Map<String, Object> target() {
        return target;
    }

    /** All steps so far, by time. */
    synchronized List<TimelineStep> timeline() {
        return new ArrayList<>(timeline);
    }

    /** Whether the target said that the program runs there. */
    synchronized boolean isResumed() {
        return resumed;
    }

    /** Whether the target has been asked to compare what it holds, or has done so. */
    synchronized Verification verification() {
        return verification;
    }

    /** The version at which the migration last changed its state. */
    synchronized long stepVersion() {
        return stepVersion;
    }

    /** Replaces the figures of one side. */
    synchronized void report(Side side, Map<String, Object> figures) {
        switch (side) {
            case SOURCE -> source = figures;
            case TARGET -> target = figures;
        }
    }

    /** Adds steps; one that is there already stays as it is. */
    synchronized void add(Collection<TimelineStep> steps) {
        steps.stream().limit(Math.max(0, MAX_STEPS - timeline.size())).forEach(timeline::add);
    }

    /** Adds a step of the server, now. */
    void add(String step) {
        Instant now = Instant.now();
        add(List.of(new TimelineStep(step, "server", TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano())));
    }

    synchronized void markResumed() {
        resumed = true;
    }

    /** The source asks, perhaps again; what has passed stays so. */
    synchronized void askToVerify() {
        if (verification == Verification.NONE) verification = Verification.ASKED;
    }

    /** The target's word. Returns false if nobody has asked, or the server has forgotten it since. */
    synchronized boolean markVerified() {
        if (verification == Verification.NONE) return false;
        verification = Verification.PASSED;
        return true;
    }

    /** It changes its state, at a version that is not known yet: newer than all that anybody has asked after. */
    synchronized void stepping() {
        stepVersion = Long.MAX_VALUE;
    }

    synchronized void stepped(long version) {
        stepVersion = version;
    }
}
