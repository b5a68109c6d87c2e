/** A skewed load at a fixed rate on the key-value store, to measure migrations under. */
@NullMarked
package io.pageferry.examples.load;

import org.jspecify.annotations.NullMarked;
