package io.pageferry.nbd.client;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Told when a run of pages is over. Runs on an event loop: it must not block. */
@FunctionalInterface
public interface PageListener {
    /** The run is over; {@code failure} is null where all its pages were transferred. */
    void over(long firstPage, long pageCount, MemorySegment memory, @Nullable NbdFailure failure);

    /** For whom the outcome of the whole is enough. */
    PageListener NONE = (firstPage, pageCount, memory, failure) -> {};
}
