/** What the tests of all modules share. */
@NullMarked
package io.pageferry.testing;

import org.jspecify.annotations.NullMarked;
