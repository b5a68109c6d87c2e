package io.pageferry.nbd.client;

import org.jspecify.annotations.Nullable;

/** Told once when a request is over. Runs on an event loop: it must not block, but may start requests. */
@FunctionalInterface
public interface NbdCompletion {
    /** The request is over, and its memory is not touched any more; {@code failure} is null where it succeeded. */
    void completed(@Nullable NbdFailure failure);
}
