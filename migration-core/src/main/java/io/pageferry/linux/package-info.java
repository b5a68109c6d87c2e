/** The Linux system calls that Pageferry makes, each as a small typed method; no policy, and nothing of the project's own. */
@NullMarked
package io.pageferry.linux;

import org.jspecify.annotations.NullMarked;
