/** Tests of the page value types. */
@NullMarked
package io.pageferry.page;

import org.jspecify.annotations.NullMarked;
