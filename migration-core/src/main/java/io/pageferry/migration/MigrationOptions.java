package io.pageferry.migration;

/**
 * What the operator has chosen.
 *
 * @param maxDowntimeMs switch over once the expected downtime is at most this
 * @param maxRounds refresh rounds at the most
 * @param force at the bound of rounds: switch over all the same (true), or give the migration up (false)
 */
public record MigrationOptions(long maxDowntimeMs, int maxRounds, boolean force) {
    public static final MigrationOptions DEFAULT = new MigrationOptions(30, 20, true);

    /** @throws IllegalArgumentException if a limit is not positive */
    public MigrationOptions {
        if (maxDowntimeMs < 1 || maxRounds < 1) throw new IllegalArgumentException("limits are positive");
    }
}
