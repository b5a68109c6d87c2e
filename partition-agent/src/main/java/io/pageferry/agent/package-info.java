/** The agent: the pager beside partitions, a process of its own. */
@NullMarked
package io.pageferry.agent;

import org.jspecify.annotations.NullMarked;
