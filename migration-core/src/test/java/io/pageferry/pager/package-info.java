/** Tests of the pager, against programs in processes of their own. */
@NullMarked
package io.pageferry.pager;

import org.jspecify.annotations.NullMarked;
