package io.pageferry.server.migration;

import java.util.Optional;

/** Who has a partition's memory, as far as the agents have said. */
final class Whereabouts {
    /** What has become of a partition's program. */
    enum Program {
        /** It is there: it runs, is at rest, or the partition is just arriving in it. */
        HELD,
        /** The server has started a moment ago, or the agent has: it may be there. */
        NOT_SEEN_YET,
        /** Its agent is silent: it may run on all the same. */
        OUT_OF_SIGHT,
        /** Its agent says that it is no more. */
        GONE
    }

    private final Ledger ledger;
    private final Agents agents;

    Whereabouts(Ledger ledger, Agents agents) {
        this.ledger = ledger;
        this.agents = agents;
    }

    Program of(PartitionRecord partition) {
        String owner = partition.agent().orElse("");
        Optional<Agent> agent = agents.agent(owner);
        if (agent.isEmpty()) return agents.isGraceTime() ? Program.NOT_SEEN_YET : Program.OUT_OF_SIGHT;
        if (!agents.isAlive(agent.get())) return Program.OUT_OF_SIGHT;
        Optional<HostedPartition> program = agent.get().hosted(partition.name());
        if (program.filter(one -> holds(one, owner)).isPresent()) return Program.HELD;
        boolean mayAppear =
                program.isEmpty() && !agent.get().hasHosted(partition.name()) && !agents.isSettled(agent.get());
        return mayAppear ? Program.NOT_SEEN_YET : Program.GONE;
    }

    boolean isHeld(PartitionRecord partition) {
        return of(partition) == Program.HELD;
    }

    // A program that waits has nothing of the partition, unless it is the one that the partition has been committed to.
    private boolean holds(HostedPartition program, String owner) {
        if (!program.isIncoming()) return program.isPresent();
        return ledger.state().inFlight(program.name()).stream()
                .anyMatch(migration -> migration.committed() && migration.isTarget(owner));
    }

    /** What a migration after its commit waits for, if its target is not there to carry it on. */
    Optional<String> whatStalls(MigrationRecord migration) {
        if (!migration.committed() || migration.isOver()) return Optional.empty();
        String target = migration.target().orElse("?");
        return ledger.state().partition(migration.partition()).flatMap(partition -> switch (of(partition)) {
            case HELD -> Optional.empty();
            case OUT_OF_SIGHT -> Optional.of("agent " + target + " is gone; the arrival goes on once it is back");
            case NOT_SEEN_YET, GONE ->
                Optional.of("agent " + target + " has not seen the program of partition " + partition.name() + " yet");
        });
    }
}
