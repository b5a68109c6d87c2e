/** What a program uses to keep its memory in a partition; needs nothing beyond the JDK. */
@NullMarked
package io.pageferry.partition;

import org.jspecify.annotations.NullMarked;
