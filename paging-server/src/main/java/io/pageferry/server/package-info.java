/** The paging server's assembly: pool, NBD server and what else belongs to the process, started and stopped together. */
@NullMarked
package io.pageferry.server;

import org.jspecify.annotations.NullMarked;
