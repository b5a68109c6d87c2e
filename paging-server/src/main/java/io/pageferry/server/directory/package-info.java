/** The page directory: which pages of a paging space are written, and when each was last written. */
@NullMarked
package io.pageferry.server.directory;

import org.jspecify.annotations.NullMarked;
