/** A migration played through inside the agent at its start, so that the first real one does not run in the interpreter. */
@NullMarked
package io.pageferry.agent.rehearsal;

import org.jspecify.annotations.NullMarked;
