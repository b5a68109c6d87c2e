package io.pageferry.server.migration;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A migration as the API shows it.
 *
 * @param status the word of its state
 * @param spaceSequence what was written for this migration is newer than this sample of the space's sequence
 * @param epoch the partition's: before the commit the one it has, after it the new one
 * @param leaseToken who holds the space's lease writes with it; shown to that agent only
 * @param targetStream where the target takes pages straight from the source; shown to both alone, if they go that way
 * @param streamToken what the source shows there
 * @param version to ask after, for the next change
 * @param stalled what it waits for, where its target is not there to carry it on
 * @param verification whether the target was {@code asked} to compare what it holds, or has ({@code passed})
 * @param totalTimeMs from the request until it was over, or until now
 */
public record MigrationView(
        String id,
        String partition,
        MigrationKind kind,
        String space,
        long spaceSequence,
        Optional<String> source,
        Optional<String> target,
        String status,
        boolean committed,
        long epoch,
        Optional<String> leaseToken,
        Optional<String> targetStream,
        Optional<String> streamToken,
        MigrationOptions options,
        Instant created,
        Optional<Instant> ended,
        long version,
        Optional<String> error,
        Optional<String> stalled,
        Optional<String> verification,
        long sizeBytes,
        long pageCount,
        long totalTimeMs,
        Map<String, Object> sourceProgress,
        Map<String, Object> targetProgress,
        List<TimelineStep> timeline) {}
