/** Migrations of a real store between real agents, each a process of its own, under load and under attack. */
@NullMarked
package io.pageferry.systemtests.moves;

import org.jspecify.annotations.NullMarked;
