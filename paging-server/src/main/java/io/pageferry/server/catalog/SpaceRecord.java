package io.pageferry.server.catalog;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.OptionalLong;

/**
 * What the catalog keeps of a paging space.
 *
 * @param name see {@link Names#requireSpaceName}
 * @param sizeBytes how large the space is
 * @param quotaBytes how much of it may be written at once; empty for all
 * @param created when it was created, kept to the millisecond
 */
public record SpaceRecord(String name, long sizeBytes, OptionalLong quotaBytes, Instant created) {
    /** @throws IllegalArgumentException if the name is not allowed or a size is not positive */
    public SpaceRecord {
        Names.requireSpaceName(name);
        if (sizeBytes <= 0 || quotaBytes.orElse(1) <= 0) {
            throw new IllegalArgumentException("sizes of a space are positive: " + sizeBytes + ", quota " + quotaBytes);
        }
        created = created.truncatedTo(ChronoUnit.MILLIS);
    }
}
