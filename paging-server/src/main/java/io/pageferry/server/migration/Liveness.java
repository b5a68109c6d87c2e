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
    private final Whereabouts whereabouts;
    private Set<String> gone = Set.of();

    Liveness(Ledger ledger, Steps steps, Topics topics, Agents agents, Whereabouts whereabouts) {
        this.ledger = ledger;
        this.steps = steps;
        this.topics = topics;
        this.agents = agents;
        this.whereabouts = whereabouts;
    }

    /** Looks once; to be called a few times in the time after which an agent counts as gone. */
    synchronized void check() {
        ledger.state().inFlight().filter(migration -> !migration.committed()).forEach(migration -> {
            goneOf(migration).ifPresent(agent -> fail(migration, agent + " is gone"));
        });
        ledger.state().inFlight().filter(MigrationRecord::committed).forEach(this::failIfLost);
        announceWhoIsGone();
    }

    /** After the commit there is nobody to fall back on: where the program is no more, the operator is told so. */
    private void failIfLost(MigrationRecord asked) {
        if (!isLost(asked)) return;
        ledger.exclusively(asked.partition(), () -> {
            ledger.state()
                    .migration(asked.id())
                    .filter(migration -> !migration.isOver() && isLost(migration))
                    .ifPresent(migration ->
                            steps.commit(migration.failed(Attachments.lostAfterCommit(migration), Instant.now())));
            return true;
        });
    }

    private boolean isLost(MigrationRecord migration) {
        return ledger.state()
                .partition(migration.partition())
                .filter(partition -> migration.target().equals(partition.agent()))
                .filter(partition -> whereabouts.of(partition) == Whereabouts.Program.GONE)
                .isPresent();
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
        List<String> concerned = partitions.stream()
                .filter(partition -> partition
                        .agent()
                        .filter(agent -> now.contains(agent) != before.contains(agent))
                        .isPresent())
                .map(PartitionRecord::name)
                .toList();
        topics.changed(concerned.stream().map(Topics::partition).toList());
        topics.changed(ledger.state()
                .inFlight()
                .filter(migration -> concerned.contains(migration.partition()))
                .map(migration -> Topics.migration(migration.id()))
                .toList());
    }
}
