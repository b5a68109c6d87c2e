package io.pageferry.server;

import io.pageferry.server.catalog.Catalog;
import io.pageferry.server.catalog.SpaceRecord;
import io.pageferry.server.pool.Pool;
import io.pageferry.server.pool.Pool.SpaceInfo;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * Makes the catalog list what the pool's folder holds: a server that was killed while it made or deleted a space, or an operator
 * who copied files, leaves the two apart. The folder decides. A record whose space has another size is of an earlier space of
 * that name, so its lease goes with it.
 */
final class CatalogReconciliation {
    private static final Logger LOG = System.getLogger(CatalogReconciliation.class.getName());

    private CatalogReconciliation() {}

    /** Runs before anybody can reach a space. */
    static void run(Pool pool, Catalog catalog) {
        Map<String, SpaceInfo> files = new HashMap<>();
        pool.list().forEach(space -> files.put(space.name(), space));
        for (SpaceRecord record : catalog.spaces()) {
            SpaceInfo file = files.get(record.name());
            if (file == null || file.sizeBytes() != record.sizeBytes()) {
                LOG.log(
                        Level.WARNING,
                        "the pool has no space " + record.name() + " of " + record.sizeBytes()
                                + " bytes: its record goes");
                catalog.removeSpace(record.name());
            }
        }
        for (SpaceInfo file : files.values()) {
            if (catalog.space(file.name()).isEmpty()) {
                LOG.log(
                        Level.INFO,
                        "space " + file.name() + " of " + file.sizeBytes() + " bytes is new to the catalog");
                catalog.addSpace(new SpaceRecord(file.name(), file.sizeBytes(), file.quotaBytes(), Instant.now()));
            }
        }
    }
}
