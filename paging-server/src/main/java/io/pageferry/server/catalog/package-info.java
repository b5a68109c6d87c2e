/** The catalog of a pool: its spaces and who may write them, in a journal whose every commit is durable and whole. */
@NullMarked
package io.pageferry.server.catalog;

import org.jspecify.annotations.NullMarked;
