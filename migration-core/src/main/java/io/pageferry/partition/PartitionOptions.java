package io.pageferry.partition;

import java.util.Optional;

/**
 * How a program attaches.
 *
 * @param incoming whether it waits for a partition to arrive, instead of starting on empty memory
 * @param endpoint where its clients reach it, {@code HOST:PORT}, for gateways to follow; empty if there is none
 */
public record PartitionOptions(boolean incoming, Optional<String> endpoint) {
    public static PartitionOptions starting() {
        return new PartitionOptions(false, Optional.empty());
    }

    public static PartitionOptions waiting() {
        return new PartitionOptions(true, Optional.empty());
    }

    public PartitionOptions at(String place) {
        return new PartitionOptions(incoming, Optional.of(place));
    }
}
