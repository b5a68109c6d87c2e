/**
 * A key-value store whose every byte is in partition memory, addressed by offset: pages, size classes, a linear hash
 * index and a heap of deadlines. Nothing here keeps state in the Java heap, and nothing here is thread-safe: one
 * thread at a time may call it, between the opening and the closing of the program's gate.
 */
@NullMarked
package io.pageferry.examples.kv.store;

import org.jspecify.annotations.NullMarked;
