/** Tests of the project as a whole: its architecture, its style, its documents, its processes. */
@NullMarked
package io.pageferry.systemtests;

import org.jspecify.annotations.NullMarked;
