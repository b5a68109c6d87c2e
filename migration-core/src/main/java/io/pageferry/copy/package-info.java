/** How pages are summed and copied on this machine: what measures best, chosen once in a process. */
@NullMarked
package io.pageferry.copy;

import org.jspecify.annotations.NullMarked;
