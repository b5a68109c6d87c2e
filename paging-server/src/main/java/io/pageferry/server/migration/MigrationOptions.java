package io.pageferry.server.migration;

import java.util.Objects;
import java.util.Optional;

/**
 * How a migration is to be carried out; the source's agent reads it.
 *
 * @param maxDowntimeMs the switchover waits until it is expected to take no longer than this
 * @param maxRounds refresh rounds after the first pass, at most
 * @param atBound what happens when the rounds are used up: {@code force} the switchover, or {@code abort} the migration
 * @param via where the pages go: {@code storage}, or {@code network}: straight to the target's agent
 * @param area which paging space the pages go through: the partition's {@code own}, or one made for this migration alone, {@code
 *     shared} by source and target
 * @param streams connections of the network
 * @param path how they get there: {@code auto} (direct where it can be), {@code nbd} or {@code direct}; absent where each agent goes
 *     as it was told when it was started
 * @param orderOut in which order the source sends pages: {@code hot-cold}, {@code address} or {@code hot-first}
 * @param orderIn in which order the target fetches what is missing when the program has gone on; the same words
 */
public record MigrationOptions(
        long maxDowntimeMs,
        long maxRounds,
        String atBound,
        String via,
        String area,
        long streams,
        Optional<String> path,
        String orderOut,
        String orderIn) {
    public static final long MAX_DOWNTIME_MS = 60_000;
    public static final long MAX_ROUNDS = 10_000;
    public static final long MAX_STREAMS = 16;

    /** The words of the area. */
    public static final String OWN = "own";

    public static final String SHARED = "shared";

    /** A record of an earlier version names no area: there was one alone. */
    public MigrationOptions {
        area = Objects.requireNonNullElse(area, OWN);
    }

    /** Whether pages go straight to the target's agent. */
    boolean byNetwork() {
        return via.equals("network");
    }

    public static MigrationOptions defaults() {
        return new MigrationOptions(300, 20, "force", "storage", OWN, 1, Optional.empty(), "address", "address");
    }
}
