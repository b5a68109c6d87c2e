/** A program for measurements: memory full of known content, written and read at a set rate. */
@NullMarked
package io.pageferry.examples.pages;

import org.jspecify.annotations.NullMarked;
