/**
 * The baseline that paging is compared with: the same migration, its pages sent from agent to agent over TCP, straight from
 * memory to memory ({@code docs/network-baseline.md}).
 */
@NullMarked
package io.pageferry.stream;

import org.jspecify.annotations.NullMarked;
