/** Page paths: one way for pages between an agent and a paging space, in one direction (US8195897B2). */
@NullMarked
package io.pageferry.path;

import org.jspecify.annotations.NullMarked;
