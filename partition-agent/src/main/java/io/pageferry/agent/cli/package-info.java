/** The operator's command line: one small class a group of commands; {@code docs/cli.md} describes it. */
@NullMarked
package io.pageferry.agent.cli;

import org.jspecify.annotations.NullMarked;
