/** Other people's NBD clients, and our own, against the paging server as a process. */
@NullMarked
package io.pageferry.systemtests.interop;

import org.jspecify.annotations.NullMarked;
