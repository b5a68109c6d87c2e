/** The protocol between a program and its agent: text lines and descriptors over a Unix socket. */
@NullMarked
package io.pageferry.attach;

import org.jspecify.annotations.NullMarked;
