/**
 * Agents, partitions and migrations: who hosts what, who owns it, and the one step by which ownership moves; {@code
 * docs/migration-states.md} describes it.
 */
@NullMarked
package io.pageferry.server.migration;

import org.jspecify.annotations.NullMarked;
