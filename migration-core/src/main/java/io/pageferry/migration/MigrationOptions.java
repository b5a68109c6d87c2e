package io.pageferry.migration;

import io.pageferry.heat.Order;

/**
 * What the operator has chosen.
 *
 * @param maxDowntimeMs switch over once the expected downtime is at most this
 * @param maxRounds refresh rounds at the most; 0 for none
 * @param force at the bound of rounds: switch over all the same (true), or give the migration up (false)
 * @param orderOut in which order the source sends pages
 * @param orderIn in which order the target fetches what is missing when the program has gone on
 */
public record MigrationOptions(long maxDowntimeMs, int maxRounds, boolean force, Order orderOut, Order orderIn) {
    public static final MigrationOptions DEFAULT = new MigrationOptions(30, 20, true, Order.ADDRESS, Order.ADDRESS);

    /** @throws IllegalArgumentException if the downtime is not positive, or the rounds are negative */
    public MigrationOptions {
        if (maxDowntimeMs < 1 || maxRounds < 0) throw new IllegalArgumentException("limits are not negative");
    }
}
