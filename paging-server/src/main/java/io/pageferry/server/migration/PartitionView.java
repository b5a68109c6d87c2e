package io.pageferry.server.migration;

import java.util.Optional;

/**
 * A partition as the API shows it.
 *
 * @param state {@code running}, {@code switching}, {@code suspended}, {@code incoming} or {@code lost}
 * @param space the paging space in which pages of it may be: its own, or a shared area until all have arrived
 * @param agent who owns it
 * @param endpoint where requests go now
 * @param nextEndpoint where they will go once the migration in flight is committed
 * @param epoch rises by one whenever it changes hands; 0 where nothing but an incoming program is known
 * @param version to ask after, for the next change
 * @param migration the one in flight
 */
public record PartitionView(
        String name,
        long sizeBytes,
        String state,
        String space,
        Optional<String> agent,
        Optional<String> endpoint,
        Optional<String> nextEndpoint,
        long epoch,
        long version,
        Optional<String> migration) {}
