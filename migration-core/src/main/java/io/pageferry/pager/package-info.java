/** What an agent does to a program's memory from outside: tracks writes, samples accesses, serves missing pages. */
@NullMarked
package io.pageferry.pager;

import org.jspecify.annotations.NullMarked;
