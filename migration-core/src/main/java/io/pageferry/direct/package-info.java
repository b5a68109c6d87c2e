/**
 * The direct path: pages between an agent and a paging space of the same host without a copy through a socket; the space's file
 * is passed over a Unix socket ({@code docs/direct-path.md}). It is what a hypervisor's paging path is to partitions of one
 * machine (US8195897B2).
 */
@NullMarked
package io.pageferry.direct;

import org.jspecify.annotations.NullMarked;
