/** Tests of the directory. */
@NullMarked
package io.pageferry.server.directory;

import org.jspecify.annotations.NullMarked;
