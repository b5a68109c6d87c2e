/** What the tests of every module share: what the kernel must offer, child processes, seeds. */
@NullMarked
package io.pageferry.testing;

import org.jspecify.annotations.NullMarked;
