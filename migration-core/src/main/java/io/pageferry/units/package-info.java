/** How figures are written for people, and read from them. */
@NullMarked
package io.pageferry.units;

import org.jspecify.annotations.NullMarked;
