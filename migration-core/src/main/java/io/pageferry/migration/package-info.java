/** A migration as all sides see it: its states, and the two ends that carry it out. */
@NullMarked
package io.pageferry.migration;

import org.jspecify.annotations.NullMarked;
