/** A client of the paging server's control API, for agents and for the operator's CLI; {@code docs/control-api.md} describes it. */
@NullMarked
package io.pageferry.agent.control;

import org.jspecify.annotations.NullMarked;
