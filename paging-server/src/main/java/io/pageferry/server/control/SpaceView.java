package io.pageferry.server.control;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A space as the API shows it; what is not known is absent.
 *
 * @param usedBytes what it takes of the device; known once it has been opened
 * @param writtenPages pages that hold data; known once it has been opened
 * @param connections NBD connections that are open
 */
record SpaceView(
        String name,
        long sizeBytes,
        OptionalLong quotaBytes,
        OptionalLong usedBytes,
        OptionalLong writtenPages,
        int connections,
        Optional<Instant> created,
        Optional<LeaseView> lease) {}
