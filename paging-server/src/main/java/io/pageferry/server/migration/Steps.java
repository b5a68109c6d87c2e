package io.pageferry.server.migration;

import io.pageferry.server.catalog.Lease;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Takes a step: makes it durable, then visible, then wakes those who wait for it; in this order. */
final class Steps {
    private static final Logger LOGGER = System.getLogger(Steps.class.getName());

    private final Ledger ledger;
    private final Topics topics;
    private final ProgressBook progressBook;

    Steps(Ledger ledger, Topics topics, ProgressBook progressBook) {
        this.ledger = ledger;
        this.topics = topics;
        this.progressBook = progressBook;
    }

    void commit(Update update) {
        ledger.commit(update);
        announce(update);
    }

    void commitGranting(Update update, String space, Optional<String> former, String holder) {
        ledger.commitGranting(update, space, former, holder);
        announce(update);
    }

    void commitVacating(Update update, Lease lease) {
        ledger.commitVacating(update, lease);
        announce(update);
    }

    /** A step of one migration alone. */
    MigrationRecord commit(MigrationRecord migration) {
        commit(new Update().with(migration));
        return migration;
    }

    private void announce(Update update) {
        Set<String> names = new TreeSet<>();
        update.partitions().forEach(partition -> names.add(Topics.partition(partition.name())));
        update.migrations().forEach(migration -> names.addAll(topicsOf(migration)));
        // Before anybody is woken: who reads between the wake-up and the version would take an end for one told of long
        // ago.
        update.migrations().forEach(migration -> progressBook.of(migration.id()).stepping());
        long version = topics.changed(names);
        for (MigrationRecord migration : update.migrations()) {
            progressBook.of(migration.id()).stepped(version);
            LOGGER.log(
                    Level.INFO,
                    () -> migration.id() + " of " + migration.partition() + ": "
                            + migration.state().word()
                            + migration.error().map(error -> ": " + error).orElse(""));
        }
        for (MigrationRecord migration : update.removed()) {
            progressBook.forget(migration.id());
            topics.forget(Topics.migration(migration.id()));
        }
    }

    private static List<String> topicsOf(MigrationRecord migration) {
        Set<String> names =
                new TreeSet<>(Set.of(Topics.migration(migration.id()), Topics.partition(migration.partition())));
        migration.source().map(Topics::agent).ifPresent(names::add);
        migration.target().map(Topics::agent).ifPresent(names::add);
        return List.copyOf(names);
    }
}
