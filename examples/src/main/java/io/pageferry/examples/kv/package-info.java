/**
 * The example program: a key-value store that speaks the Redis protocol, and whose data lives in partition memory, so that
 * it can be migrated while its clients use it.
 */
@NullMarked
package io.pageferry.examples.kv;

import org.jspecify.annotations.NullMarked;
