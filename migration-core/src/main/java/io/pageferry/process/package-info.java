/** What the processes of the system have in common as processes: not what they do, but how they run. */
@NullMarked
package io.pageferry.process;

import org.jspecify.annotations.NullMarked;
