/** Measurements of partition memory; no part of the product, built in the profile {@code benchmarks} alone. */
@NullMarked
package io.pageferry.benchmarks;

import org.jspecify.annotations.NullMarked;
