/** Value types for pages: a range of neighbouring pages, and a set of pages of one partition or paging space. */
@NullMarked
package io.pageferry.page;

import org.jspecify.annotations.NullMarked;
