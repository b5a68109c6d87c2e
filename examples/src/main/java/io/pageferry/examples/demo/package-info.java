/** The demonstration's clients: load real data, keep a mixed load running, and check that nothing was lost. */
@NullMarked
package io.pageferry.examples.demo;

import org.jspecify.annotations.NullMarked;
