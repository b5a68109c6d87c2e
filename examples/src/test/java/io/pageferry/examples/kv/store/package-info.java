/** The store against models, on memory that poisons what is released. */
@NullMarked
package io.pageferry.examples.kv.store;

import org.jspecify.annotations.NullMarked;
