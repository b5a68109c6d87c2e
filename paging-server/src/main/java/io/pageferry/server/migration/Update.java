package io.pageferry.server.migration;

import io.pageferry.server.catalog.Change;
import java.util.ArrayList;
import java.util.List;

/** Records that change together, in one atomic and durable step. */
final class Update {
    private final List<PartitionRecord> partitions = new ArrayList<>();
    private final List<MigrationRecord> migrations = new ArrayList<>();
    private final List<MigrationRecord> removed = new ArrayList<>();

    Update with(PartitionRecord partition) {
        partitions.add(partition);
        return this;
    }

    Update with(MigrationRecord migration) {
        migrations.add(migration);
        return this;
    }

    Update without(MigrationRecord migration) {
        removed.add(migration);
        return this;
    }

    List<PartitionRecord> partitions() {
        return partitions;
    }

    List<MigrationRecord> migrations() {
        return migrations;
    }

    List<MigrationRecord> removed() {
        return removed;
    }

    List<Change> changes() {
        List<Change> changes = new ArrayList<>();
        partitions.forEach(partition ->
                changes.add(Change.put(Ledger.PARTITIONS + partition.name(), RecordJson.write(partition))));
        migrations.forEach(
                migration -> changes.add(Change.put(Ledger.MIGRATIONS + migration.id(), RecordJson.write(migration))));
        removed.forEach(migration -> changes.add(Change.remove(Ledger.MIGRATIONS + migration.id())));
        return changes;
    }
}
