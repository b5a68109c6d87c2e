package io.pageferry.server.migration;

import io.pageferry.migration.MigrationState;
import io.pageferry.server.catalog.Lease;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Takes in what agents say they host. A live program makes its agent the owner of the partition where nobody else has it;
 * whoever owns it already keeps it, whatever others say.
 */
final class Attachments {
    private static final Logger LOGGER = System.getLogger(Attachments.class.getName());

    private final Ledger ledger;
    private final Steps steps;
    private final Topics topics;
    private final Agents agents;

    Attachments(Ledger ledger, Steps steps, Topics topics, Agents agents) {
        this.ledger = ledger;
        this.steps = steps;
        this.topics = topics;
        this.agents = agents;
    }

    /** Replaces what the agent hosts. */
    void host(Agent agent, Collection<HostedPartition> partitions) {
        Map<String, HostedPartition> before = agent.host(partitions);
        for (HostedPartition partition : partitions) {
            if (partition.isLive() && (partition.isNew() || !isOwnedAsDescribed(agent, partition))) {
                ledger.exclusively(partition.name(), () -> attach(agent, partition));
            }
        }
        Set<String> changed = new TreeSet<>();
        before.values().stream().filter(old -> !partitions.contains(old)).forEach(old -> changed.add(old.name()));
        partitions.stream().filter(now -> !now.equals(before.get(now.name()))).forEach(now -> changed.add(now.name()));
        changed.forEach(name -> failWithoutProgram(agent, name));
        topics.changed(changed.stream().map(Topics::partition).toList());
    }

    private boolean isOwnedAsDescribed(Agent agent, HostedPartition hosted) {
        return ledger.state()
                .partition(hosted.name())
                .filter(partition -> partition.isOwnedBy(agent.name()))
                .filter(partition -> partition.sizeBytes() == hosted.sizeBytes())
                .filter(partition -> partition.endpoint().equals(hosted.endpoint()))
                .isPresent();
    }

    // Returns whether the agent owns the partition now.
    private boolean attach(Agent agent, HostedPartition hosted) {
        Optional<PartitionRecord> known = ledger.state().partition(hosted.name());
        if (known.isEmpty()) {
            steps.commit(new Update().with(firstRecord(agent, hosted)));
            return true;
        }
        PartitionRecord partition = known.get();
        if (partition.isOwnedBy(agent.name())) {
            PartitionRecord described = partition.describedAs(hosted.sizeBytes(), hosted.endpoint());
            steps.commit(new Update().with(hosted.isNew() ? described.withoutImage() : described));
            return true;
        }
        if (partition.suspended() || isHeldByItsOwner(partition) || isOlderThanTheSilence(agent, partition)) {
            LOGGER.log(
                    Level.WARNING,
                    "agent {0} runs a program named {1}, but that partition is {2}: the program is no part of it",
                    agent.name(),
                    hosted.name(),
                    partition.suspended()
                            ? "suspended"
                            : "on agent " + partition.agent().orElse("?"));
            return false;
        }
        takeOver(agent, hosted, partition);
        return true;
    }

    private static PartitionRecord firstRecord(Agent agent, HostedPartition hosted) {
        return new PartitionRecord(
                hosted.name(),
                hosted.sizeBytes(),
                hosted.name(),
                Optional.of(agent.name()),
                1,
                false,
                false,
                hosted.endpoint());
    }

    private boolean isHeldByItsOwner(PartitionRecord partition) {
        String owner = partition.agent().orElse("");
        return !agents.isGone(owner)
                && (agents.agent(owner).isEmpty()
                        || agents.hosted(owner, partition.name())
                                .filter(HostedPartition::isPresent)
                                .isPresent());
    }

    // An owner that is silent may be back any moment: only a program that was started since may take its place. One
    // that has
    // waited beside it all along is a twin with memory of its own, and would undo what the owner has acknowledged.
    private boolean isOlderThanTheSilence(Agent agent, PartitionRecord partition) {
        return partition
                .agent()
                .flatMap(agents::agent)
                .filter(owner -> !agents.isAlive(owner))
                .filter(owner -> agent.liveSinceNs(partition.name()) - owner.lastSeenNs() < 0)
                .isPresent();
    }

    /** The program was started anew elsewhere, after its owner was lost: its old life is over, with all that was in flight. */
    private void takeOver(Agent agent, HostedPartition hosted, PartitionRecord partition) {
        Instant now = Instant.now();
        Update update = new Update()
                .with(partition
                        .handedTo(agent.name(), hosted.endpoint())
                        .home()
                        .describedAs(hosted.sizeBytes(), hosted.endpoint()));
        String why = "the partition was lost with agent " + partition.agent().orElse("?")
                + ", and started anew on agent " + agent.name();
        ledger.state().inFlight(partition.name()).forEach(migration -> update.with(migration.failed(why, now)));
        Optional<String> former = ledger.lease(partition.space()).map(Lease::holder);
        if (former.isPresent() && former.equals(partition.agent())) {
            steps.commitGranting(update, partition.space(), former, agent.name());
        } else {
            steps.commit(update);
        }
    }

    /** A migration ends when a side that it needs has lost its program: before the commit either, after it the target. */
    private void failWithoutProgram(Agent agent, String partition) {
        List<MigrationRecord> concerned = ledger.state().inFlight(partition).stream()
                .filter(migration ->
                        migration.committed() ? migration.isTarget(agent.name()) : migration.involves(agent.name()))
                .toList();
        if (!concerned.isEmpty()) {
            ledger.exclusively(partition, () -> {
                concerned.forEach(migration -> failIfGone(agent, migration.id()));
                return true;
            });
        }
    }

    private void failIfGone(Agent agent, String id) {
        Optional<HostedPartition> program =
                ledger.state().migration(id).flatMap(migration -> agent.hosted(migration.partition()));
        ledger.state()
                .migration(id)
                .filter(migration -> !migration.isOver() && migration.committed())
                .filter(migration -> program.filter(HostedPartition::isPresent).isEmpty())
                .ifPresent(migration -> steps.commit(migration.failed(lostAfterCommit(migration), Instant.now())));
        ledger.state()
                .migration(id)
                .filter(migration -> !migration.isOver() && !migration.committed())
                .filter(migration -> migration.isSource(agent.name())
                        ? program.filter(HostedPartition::isPresent).isEmpty()
                        : program.filter(migration::goesTo).isEmpty() && !isBeingCancelled(migration))
                .filter(migration -> migration.state().mayBecome(MigrationState.FAILED))
                .ifPresent(migration -> steps.commit(
                        migration.failed("the program is gone from agent " + agent.name(), Instant.now())));
    }

    static String lostAfterCommit(MigrationRecord migration) {
        return "its program is gone from agent " + migration.target().orElse("?") + ": partition "
                + migration.partition() + " is lost, with what was written since the commit";
    }

    // Then the source alone has the last word, and the target may already have let go.
    private static boolean isBeingCancelled(MigrationRecord migration) {
        return migration.state() == MigrationState.CANCELLING;
    }
}
