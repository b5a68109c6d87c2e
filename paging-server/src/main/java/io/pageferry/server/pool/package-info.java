/** The pool of paging spaces: one sparse, memory-mapped file a space, its storage allocated before it is written. */
@NullMarked
package io.pageferry.server.pool;

import org.jspecify.annotations.NullMarked;
