package io.pageferry.server.migration;

import io.pageferry.migration.MigrationState;
import io.pageferry.server.catalog.Lease;
import io.pageferry.server.http.ApiException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Optional;

/**
 * The one step by which a partition changes hands.
 *
 * <p><b>Invariant:</b> at every moment, also after a crash at any point, exactly one side owns the partition; ownership moves by
 * one atomic, durable commit of lease, epoch, state and owner, made after no write of the former owner can land any more
 * and before anybody is told; and who asks again is told the same.
 *
 * <p>A cancel, a failure and a commit of one partition exclude each other (they run one after the other, and each checks the
 * state that the one before left), so exactly one of them wins.
 */
final class CommitStep {
    private final Ledger ledger;
    private final Steps steps;
    private final Agents agents;
    private final ProgressBook progressBook;

    CommitStep(Ledger ledger, Steps steps, Agents agents, ProgressBook progressBook) {
        this.ledger = ledger;
        this.steps = steps;
        this.agents = agents;
        this.progressBook = progressBook;
    }

    /**
     * Commits on behalf of the source; returns the migration as it is afterwards, the same however often it is asked.
     *
     * @throws RefusedStep where it was cancelled or failed first, or the source has not said that it is quiesced
     * @throws ApiException 403 where {@code leaseToken} is not that of the space's lease
     */
    MigrationRecord commit(MigrationRecord asked, String leaseToken) {
        return ledger.exclusively(asked.partition(), () -> {
            MigrationRecord migration = ledger.state().migration(asked.id()).orElse(asked);
            if (migration.committed()) {
                return migration;
            }
            if (migration.state() != MigrationState.PRE_SWITCHOVER) {
                throw new RefusedStep(
                        "cannot be committed while it is " + migration.state().word(), migration);
            }
            Lease lease = requireLease(migration, leaseToken);
            requireTarget(migration);
            progressBook.of(migration.id()).add("commit-begin");
            handOver(migration, lease);
            progressBook.of(migration.id()).add("committed");
            return ledger.state().migration(asked.id()).orElseThrow();
        });
    }

    private void handOver(MigrationRecord migration, Lease lease) {
        Instant now = Instant.now();
        PartitionRecord partition =
                ledger.state().partition(migration.partition()).orElseThrow();
        Update update = new Update();
        supersede(migration, update, now);
        update.with(migration.committed(partition.epoch() + 1, now));
        if (migration.target().isEmpty()) {
            steps.commitVacating(update.with(partition.suspendedToSpace().awayIn(migration.space())), lease);
        } else {
            String target = migration.target().get();
            Optional<String> endpoint = agents.hosted(target, partition.name()).flatMap(HostedPartition::endpoint);
            PartitionRecord handed = partition.handedTo(target, endpoint).awayIn(migration.space());
            update.with(migration.options().byNetwork() ? handed.withoutImage() : handed);
            steps.commitGranting(update, migration.space(), Optional.of(lease.holder()), target);
        }
    }

    /** An earlier migration whose target still fills is over: what it waits for goes to the next target. */
    private void supersede(MigrationRecord migration, Update update, Instant now) {
        ledger.state().inFlight(migration.partition()).stream()
                .filter(earlier -> earlier.state() == MigrationState.POSTCOPY_ACTIVE)
                .forEach(earlier -> update.with(earlier.in(MigrationState.COMPLETED, now)));
    }

    private Lease requireLease(MigrationRecord migration, String leaseToken) {
        return ledger.lease(migration.space())
                .filter(lease -> MessageDigest.isEqual(
                        lease.token().getBytes(StandardCharsets.UTF_8), leaseToken.getBytes(StandardCharsets.UTF_8)))
                .orElseThrow(() -> ApiException.forbidden(
                        "the lease token is not that of space " + migration.space(),
                        "use the \"lease-token\" of the migration as the work list shows it to its source"));
    }

    /** The partition is not given to an agent that cannot take it. */
    private void requireTarget(MigrationRecord migration) {
        migration.target().ifPresent(target -> {
            if (agents.hosted(target, migration.partition())
                    .filter(migration::goesTo)
                    .isEmpty()) {
                String why =
                        "agent " + target + " is gone, or has not the program any more that waited for the partition";
                throw new RefusedStep("failed: " + why, steps.commit(migration.failed(why, Instant.now())));
            }
        });
    }
}
