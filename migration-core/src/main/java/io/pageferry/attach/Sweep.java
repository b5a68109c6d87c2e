package io.pageferry.attach;

/**
 * What the sweep of a portion of the migration table found.
 *
 * @param swept stale entries that the sweep has invalidated
 * @param byCalls stale entries that the program's own page-table calls have invalidated since the last switch, in all
 *     portions
 */
public record Sweep(long swept, long byCalls) {}
