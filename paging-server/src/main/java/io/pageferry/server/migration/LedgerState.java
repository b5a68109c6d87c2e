package io.pageferry.server.migration;

import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** All records at one moment; never changed, so that whoever reads several sees them as they were together. */
final class LedgerState {
    private final Map<String, PartitionRecord> partitions;
    private final Map<String, MigrationRecord> migrations;

    LedgerState(Map<String, PartitionRecord> partitions, Map<String, MigrationRecord> migrations) {
        this.partitions = Collections.unmodifiableMap(partitions);
        this.migrations = Collections.unmodifiableMap(migrations);
    }

    LedgerState after(Update update) {
        Map<String, PartitionRecord> nextPartitions = new TreeMap<>(partitions);
        Map<String, MigrationRecord> nextMigrations = new TreeMap<>(migrations);
        update.partitions().forEach(partition -> nextPartitions.put(partition.name(), partition));
        update.migrations().forEach(migration -> nextMigrations.put(migration.id(), migration));
        update.removed().forEach(migration -> nextMigrations.remove(migration.id()));
        return new LedgerState(nextPartitions, nextMigrations);
    }

    /** All partitions, by name. */
    Collection<PartitionRecord> partitions() {
        return partitions.values();
    }

    Optional<PartitionRecord> partition(String name) {
        return Optional.ofNullable(partitions.get(name));
    }

    /** All migrations, the oldest first. */
    List<MigrationRecord> migrations() {
        return migrations.values().stream()
                .sorted(Comparator.comparingLong(MigrationRecord::number))
                .toList();
    }

    Optional<MigrationRecord> migration(String id) {
        return Optional.ofNullable(migrations.get(id));
    }

    /** The migrations of a partition that are not over, the oldest first: a second one while the first still fills its target. */
    List<MigrationRecord> inFlight(String partition) {
        return inFlight()
                .filter(migration -> migration.partition().equals(partition))
                .toList();
    }

    Stream<MigrationRecord> inFlight() {
        return migrations().stream().filter(migration -> !migration.isOver());
    }
}
