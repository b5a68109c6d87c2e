package io.pageferry.server.migration;

import io.pageferry.migration.MigrationState;
import io.pageferry.server.catalog.Lease;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Makes of what is durable and what agents say the picture that the API shows. */
final class Views {
    static final long PAGE_BYTES = 4096;

    private final Ledger ledger;
    private final Agents agents;
    private final Whereabouts whereabouts;
    private final ProgressBook progressBook;

    Views(Ledger ledger, Agents agents, Whereabouts whereabouts, ProgressBook progressBook) {
        this.ledger = ledger;
        this.agents = agents;
        this.whereabouts = whereabouts;
        this.progressBook = progressBook;
    }

    /** A migration as anybody may see it. */
    MigrationView of(MigrationRecord migration, long version) {
        return view(migration, version, Optional.empty(), Optional.empty());
    }

    /** A migration as this agent may see it: with the lease's token, if the agent holds the lease. */
    MigrationView of(MigrationRecord migration, long version, String agent) {
        Optional<String> token = ledger.lease(migration.space())
                .filter(lease -> lease.holder().equals(agent))
                .map(Lease::token);
        boolean isConcerned = migration.involves(agent);
        return view(
                migration,
                version,
                isConcerned ? token : Optional.empty(),
                isConcerned ? streamOf(migration) : Optional.empty());
    }

    /** Where the source sends pages of a migration that goes by the network, and what it shows there. */
    private record Stream(String address, String token) {}

    // The token is made of the lease's, which nobody else knows: so nothing more is to be kept or lost.
    private Optional<Stream> streamOf(MigrationRecord migration) {
        if (!migration.options().via().equals("network") || migration.committed()) return Optional.empty();
        Optional<String> address = migration.target().flatMap(agents::agent).flatMap(Agent::streams);
        return ledger.lease(migration.space())
                .flatMap(lease -> address.map(place -> new Stream(place, sha256(lease.token() + migration.id()))));
    }

    private static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every JDK has SHA-256", impossible);
        }
    }

    private MigrationView view(
            MigrationRecord migration, long version, Optional<String> leaseToken, Optional<Stream> stream) {
        Progress progress = progressBook.of(migration.id());
        Instant end = migration.ended().orElseGet(Instant::now);
        return new MigrationView(
                migration.id(),
                migration.partition(),
                migration.kind(),
                migration.space(),
                migration.spaceSequence(),
                migration.source(),
                migration.target(),
                migration.state().word(),
                migration.committed(),
                migration.epoch(),
                leaseToken,
                stream.map(Stream::address),
                stream.map(Stream::token),
                migration.options(),
                migration.created(),
                migration.ended(),
                version,
                migration.error(),
                whereabouts.whatStalls(migration),
                progress.verification().word(),
                migration.sizeBytes(),
                migration.sizeBytes() / PAGE_BYTES,
                Math.max(0, end.toEpochMilli() - migration.created().toEpochMilli()),
                progress.source(),
                progress.target(),
                progress.timeline());
    }

    PartitionView of(LedgerState state, PartitionRecord partition, long version) {
        List<MigrationRecord> inFlight = state.inFlight(partition.name());
        Optional<MigrationRecord> newest = inFlight.isEmpty() ? Optional.empty() : Optional.of(inFlight.getLast());
        Optional<HostedPartition> hosted = partition.agent().flatMap(agent -> agents.hosted(agent, partition.name()));
        Optional<HostedPartition> next = newest.filter(migration -> !migration.committed())
                .flatMap(MigrationRecord::target)
                .flatMap(agent -> agents.hosted(agent, partition.name()));
        return new PartitionView(
                partition.name(),
                partition.sizeBytes(),
                stateOf(partition, inFlight),
                partition.space(),
                partition.agent(),
                hosted.flatMap(HostedPartition::endpoint).or(partition::endpoint),
                next.flatMap(HostedPartition::endpoint),
                partition.epoch(),
                version,
                newest.map(MigrationRecord::id));
    }

    private String stateOf(PartitionRecord partition, List<MigrationRecord> inFlight) {
        if (partition.suspended()) {
            return "suspended";
        }
        Whereabouts.Program program = whereabouts.of(partition);
        if (program == Whereabouts.Program.GONE || program == Whereabouts.Program.OUT_OF_SIGHT) {
            return "lost";
        }
        return inFlight.stream().anyMatch(this::isSwitching) ? "switching" : "running";
    }

    private boolean isSwitching(MigrationRecord migration) {
        return migration.state() == MigrationState.PRE_SWITCHOVER
                || (migration.state() == MigrationState.POSTCOPY_ACTIVE && !isResumed(migration));
    }

    /** Whether the program runs on the target: it said so, or (after a restart of the server) reports it as running. */
    boolean isResumed(MigrationRecord migration) {
        return progressBook.of(migration.id()).isResumed()
                || migration
                        .target()
                        .flatMap(agent -> agents.hosted(agent, migration.partition()))
                        .filter(HostedPartition::isLive)
                        .isPresent();
    }

    /** A program that waits for a partition that nobody runs, and that was never seen running. */
    PartitionView ofIncoming(String agent, HostedPartition partition, long version) {
        return new PartitionView(
                partition.name(),
                partition.sizeBytes(),
                "incoming",
                partition.name(),
                Optional.of(agent),
                Optional.empty(),
                partition.endpoint(),
                0,
                version,
                Optional.empty());
    }

    AgentView of(Agent agent) {
        return new AgentView(
                agent.name(),
                agents.isAlive(agent),
                TimeUnit.NANOSECONDS.toMillis(agents.unseenNs(agent)),
                agent.processId(),
                agent.hosted().stream().map(AgentView.Hosted::of).toList());
    }
}
