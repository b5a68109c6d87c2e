package io.pageferry.server.migration;

import io.pageferry.server.catalog.Catalog;
import io.pageferry.server.catalog.Lease;
import io.pageferry.server.catalog.LeaseHeldException;
import io.pageferry.server.http.ApiException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The durable records of partitions and migrations, and the leases that change with them. Every change is durable when its
 * method returns, and seen only then; where it throws, nothing changed. Steps on one partition run one after the other.
 */
final class Ledger {
    static final String PARTITIONS = "partition/";
    static final String MIGRATIONS = "migration/";

    /** The longest that the catalog grants; {@link LeaseKeeper} renews long before. */
    static final Duration LEASE_TTL = Duration.ofDays(7);

    private static final int MAX_ENDED_MIGRATIONS = 100;

    private final Catalog catalog;
    private final PartitionLocks locks = new PartitionLocks();
    private volatile LedgerState state;

    private Ledger(Catalog catalog, LedgerState state) {
        this.catalog = catalog;
        this.state = state;
    }

    /** Reads what the catalog holds. */
    static Ledger open(Catalog catalog) {
        Map<String, PartitionRecord> partitions = new TreeMap<>();
        Map<String, MigrationRecord> migrations = new TreeMap<>();
        catalog.recordsUnder(PARTITIONS).values().forEach(json -> {
            PartitionRecord partition = RecordJson.read(json, PartitionRecord.class);
            partitions.put(partition.name(), partition);
        });
        catalog.recordsUnder(MIGRATIONS).values().forEach(json -> {
            MigrationRecord migration = RecordJson.read(json, MigrationRecord.class);
            migrations.put(migration.id(), migration);
        });
        return new Ledger(catalog, new LedgerState(partitions, migrations));
    }

    LedgerState state() {
        return state;
    }

    /** Runs a step while no other step on this partition runs; steps do not nest. */
    <T> T exclusively(String partition, Supplier<T> step) {
        return locks.exclusively(partition, step);
    }

    void commit(Update update) {
        catalog.commit(update.changes());
        publish(update);
    }

    /**
     * Gives the space's lease to {@code holder} in the same durable step: from {@code former}, or where it is free. Whoever
     * wrote the space before is cut off first, so that none of his writes lands after this returns.
     *
     * @throws ApiException 409 where somebody else holds the lease
     */
    void commitGranting(Update update, String space, Optional<String> former, String holder) {
        Optional<Lease> held = catalog.lease(space)
                .filter(lease -> former.filter(lease.holder()::equals).isPresent());
        try {
            if (held.isPresent()) {
                catalog.transfer(space, held.get().token(), holder, LEASE_TTL, update.changes());
            } else {
                catalog.acquire(space, holder, LEASE_TTL, update.changes());
            }
        } catch (LeaseHeldException e) {
            throw ApiException.conflict(String.valueOf(e.getMessage()), e.hint());
        }
        publish(update);
    }

    /** Gives back the space's lease in the same durable step, cutting its holder off first. */
    void commitVacating(Update update, Lease lease) {
        catalog.release(lease.space(), lease.token(), update.changes());
        publish(update);
    }

    Optional<Lease> lease(String space) {
        return catalog.lease(space);
    }

    /** Adds to an update what goes when one more migration comes: of those that are over, the last hundred are kept. */
    Update forgettingTheOldest(Update update) {
        List<MigrationRecord> over = new ArrayList<>(
                state.migrations().stream().filter(MigrationRecord::isOver).toList());
        while (over.size() >= MAX_ENDED_MIGRATIONS) {
            update.without(over.removeFirst());
        }
        return update;
    }

    private synchronized void publish(Update update) {
        state = state.after(update);
    }
}
