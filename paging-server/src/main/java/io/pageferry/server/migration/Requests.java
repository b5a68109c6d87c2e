package io.pageferry.server.migration;

import io.pageferry.migration.MigrationState;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** What operators ask for: begins migrations, and cancels them. */
final class Requests {
    private final Ledger ledger;
    private final Steps steps;
    private final Admission admission;
    private final SpaceMaker spaces;
    private final Areas areas;
    private final Agents agents;
    private final AtomicLong lastNumber;

    Requests(Ledger ledger, Steps steps, Admission admission, SpaceMaker spaces, Areas areas, Agents agents) {
        this.ledger = ledger;
        this.steps = steps;
        this.admission = admission;
        this.spaces = spaces;
        this.areas = areas;
        this.agents = agents;
        this.lastNumber = new AtomicLong(ledger.state().migrations().stream()
                .mapToLong(MigrationRecord::number)
                .max()
                .orElse(0));
    }

    /**
     * Begins a migration: the space is there, its lease is the source's, and the migration is durable when this returns. A
     * resume begins where others have committed: the partition is the target's from here on.
     */
    MigrationRecord create(MigrationRequest request) {
        admission.check(request); // before a lock is taken, so that wrong requests cost little
        return ledger.exclusively(request.partition(), () -> {
            PartitionRecord partition = areas.home(admission.check(request));
            String id = "m-" + lastNumber.incrementAndGet();
            String space = areas.spaceFor(request, partition, id);
            long now = spaces.ensure(space, partition.sizeBytes() / Views.PAGE_BYTES);
            // A resume brings what was written long before it.
            long sequence = request.kind() == MigrationKind.RESUME ? 0 : now;
            MigrationRecord migration = record(request, partition, id, space, sequence);
            return request.kind() == MigrationKind.RESUME ? resume(migration, partition) : begin(migration, partition);
        });
    }

    private MigrationRecord begin(MigrationRecord migration, PartitionRecord partition) {
        String source = partition.agent().orElseThrow();
        Update update = ledger.forgettingTheOldest(new Update().with(migration));
        if (!migration.space().equals(partition.space())) areas.vacateOwn(partition, source);
        boolean leased = ledger.lease(migration.space())
                .filter(lease -> lease.holder().equals(source) && !lease.isExpiredAt(Instant.now()))
                .isPresent();
        if (leased) {
            steps.commit(update);
        } else {
            steps.commitGranting(update, migration.space(), Optional.empty(), source);
        }
        return migration;
    }

    private MigrationRecord resume(MigrationRecord asked, PartitionRecord partition) {
        String target = asked.target().orElseThrow();
        PartitionRecord resumed = partition.handedTo(target, Optional.empty());
        MigrationRecord migration = asked.resumedAt(resumed.epoch());
        Update update = ledger.forgettingTheOldest(new Update().with(resumed).with(migration));
        // Of a lost partition, what its last migration still had to do is over.
        String why = "partition " + partition.name() + " was lost, and resumed by " + migration.id();
        ledger.state().inFlight(partition.name()).forEach(former -> update.with(former.failed(why, Instant.now())));
        steps.commitGranting(update, partition.space(), partition.agent(), target);
        return migration;
    }

    private MigrationRecord record(
            MigrationRequest request, PartitionRecord partition, String id, String space, long spaceSequence) {
        return new MigrationRecord(
                id,
                partition.name(),
                request.kind(),
                space,
                spaceSequence,
                partition.agent(),
                request.to(),
                request.options().byNetwork() ? waitingProcess(request) : Optional.empty(),
                MigrationState.SETUP,
                false,
                partition.epoch(),
                request.options(),
                partition.sizeBytes(),
                Instant.now(),
                Optional.empty(),
                Optional.empty());
    }

    private Optional<Long> waitingProcess(MigrationRequest request) {
        return request.to()
                .flatMap(to -> agents.hosted(to, request.partition()))
                .map(HostedPartition::processId);
    }

    /**
     * Asks the source to give up; the migration is over once it has. Asked again, it changes nothing.
     *
     * @throws RefusedStep after the commit, or when the migration is over
     */
    MigrationRecord cancel(MigrationRecord asked) {
        return ledger.exclusively(asked.partition(), () -> {
            MigrationRecord migration = ledger.state().migration(asked.id()).orElse(asked);
            if (migration.state() == MigrationState.CANCELLING) {
                return migration;
            }
            if (!migration.state().isCancellable()) {
                throw new RefusedStep(
                        "cannot be cancelled: it is " + migration.state().word(), migration);
            }
            return steps.commit(migration.in(MigrationState.CANCELLING, Instant.now()));
        });
    }
}
