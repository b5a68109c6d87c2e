package io.pageferry.server.migration;

import io.pageferry.migration.MigrationState;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Ends what waits for an agent that is gone, as long as its partition has not changed hands. */
final class Liveness {
    private final Ledger ledger;
    private final Steps steps;
    private final Topics topics;
    private final Agents agents;
    private Set<String> gone = Set.of();

    Liveness(Ledger ledger, Steps steps, Topics topics, Agents agents) {
        this.ledger = ledger;
        this.steps = steps;
        this.topics = topics;
        this.agents = agents;
    }

    /** Looks once; to be called a few times in the time after which an agent counts as gone. */
    synchronized void check() {
        ledger.state().inFlight().filter(migration -> !migration.committed()).forEach(migration -> {
            goneOf(migration).ifPresent(agent -> fail(migration, agent + " is gone"));
        });
        announceWhoIsGone();
    }

    /** Ends the migrations of an agent whose process was replaced or has left. */
    void left(String agent, String why) {
        ledger.state()
                .inFlight()
                .filter(migration -> !migration.committed() && migration.involves(agent))
                .forEach(migration -> fail(migration, agent + " " + why));
    }

    private Optional<String> goneOf(MigrationRecord migration) {
        Optional<String> source = migration.source().filter(agents::isGone);
        // While it is being cancelled the source alone has the last word.
        return migration.state() == MigrationState.CANCELLING
                ? source
                : source.or(() -> migration.target().filter(agents::isGone));
    }

    private void fail(MigrationRecord asked, String who) {
        ledger.exclusively(asked.partition(), () -> {
            ledger.state()
                    .migration(asked.id())
                    .filter(migration -> !migration.committed() && !migration.isOver())
                    .ifPresent(migration -> steps.commit(migration.failed("agent " + who, Instant.now())));
            return true;
        });
    }

    // The partitions of an agent look different once it is gone, or back.
    private void announceWhoIsGone() {
        Set<String> now = new HashSet<>();
        List<PartitionRecord> partitions = List.copyOf(ledger.state().partitions());
        partitions.forEach(partition -> partition.agent().filter(agents::isGone).ifPresent(now::add));
        Set<String> before = gone;
        gone = now;
        topics.changed(partitions.stream()
                .filter(partition -> partition
                        .agent()
                        .filter(agent -> now.contains(agent) != before.contains(agent))
                        .isPresent())
                .map(partition -> Topics.partition(partition.name()))
                .toList());
    }
}
