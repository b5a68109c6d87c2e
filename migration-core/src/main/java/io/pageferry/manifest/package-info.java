/** What a paging space says of the pages in it: the layout of a space, and its manifest. */
@NullMarked
package io.pageferry.manifest;

import org.jspecify.annotations.NullMarked;
