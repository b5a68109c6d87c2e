/** The commands of the store, with Redis' names, replies and errors. */
@NullMarked
package io.pageferry.examples.kv.command;

import org.jspecify.annotations.NullMarked;
