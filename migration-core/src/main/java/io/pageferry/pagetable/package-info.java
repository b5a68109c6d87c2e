/** The two page tables of a partition, in the program's own address space: the mappings, the pointer, the records (US8140822B2). */
@NullMarked
package io.pageferry.pagetable;

import org.jspecify.annotations.NullMarked;
