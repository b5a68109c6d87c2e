package io.pageferry.server.migration;

/**
 * One step of a migration.
 *
 * @param step what was done, in kebab-case
 * @param side who did it: {@code source}, {@code target} or {@code server}
 * @param atNs when, in nanoseconds since 1970 by that side's clock
 */
public record TimelineStep(String step, String side, long atNs) {}
