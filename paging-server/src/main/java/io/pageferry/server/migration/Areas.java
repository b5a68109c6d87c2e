package io.pageferry.server.migration;

import io.pageferry.migration.MigrationState;
import io.pageferry.server.http.ApiException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Which paging space a migration goes through: the partition's own, or a shared area that is made for it and goes with it (the
 * third and fourth paths of US8195897B2).
 *
 * <p>Invariant: while any page of a partition is in a space alone, that space is the partition's, and every migration goes
 * through it; so an area is deleted only when all that was in it has arrived, or when its migration was never committed.
 */
final class Areas {
    private static final Logger LOGGER = System.getLogger(Areas.class.getName());

    /** So long the paths of a migration that is over have to close by themselves. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final Ledger ledger;
    private final Steps steps;
    private final SpaceMaker spaces;

    Areas(Ledger ledger, Steps steps, SpaceMaker spaces) {
        this.ledger = ledger;
        this.steps = steps;
        this.spaces = spaces;
    }

    /** The space for a migration that begins; inside the partition's lock. */
    String spaceFor(MigrationRequest request, PartitionRecord partition, String id) {
        boolean isArriving = !ledger.state().inFlight(partition.name()).isEmpty();
        boolean shared = request.options().area().equals(MigrationOptions.SHARED);
        if (!shared || isArriving) return partition.space();
        String area = partition.name() + "." + id;
        if (ledger.state().partition(area).isPresent()) {
            throw ApiException.conflict("a partition is called " + area, "leave \"area\" out, or ask again");
        }
        return area;
    }

    /** The partition, back in its own space if all of it has arrived; inside its lock. */
    PartitionRecord home(PartitionRecord partition) {
        if (!hasArrived(partition)) return partition;
        PartitionRecord home = partition.home();
        steps.commit(new Update().with(home));
        return home;
    }

    /** Gives back the lease of the partition's own space: whoever has the partition next may take it. */
    void vacateOwn(PartitionRecord partition, String holder) {
        ledger.lease(partition.space())
                .filter(lease -> lease.holder().equals(holder))
                .ifPresent(lease -> steps.commitVacating(new Update(), lease));
    }

    /** Takes partitions home that have arrived, and deletes areas that nobody needs any more; to be called now and then. */
    void tidy() {
        for (PartitionRecord away : List.copyOf(ledger.state().partitions())) {
            if (hasArrived(away)) ledger.exclusively(away.name(), () -> home(current(away)));
        }
        Instant before = Instant.now().minus(GRACE);
        for (MigrationRecord migration : ledger.state().migrations()) {
            boolean isOld = migration.ended().filter(before::isAfter).isPresent();
            if (isOld && isArea(migration)) ledger.exclusively(migration.partition(), () -> removeUnused(migration));
        }
    }

    private boolean removeUnused(MigrationRecord migration) {
        String area = migration.space();
        LedgerState state = ledger.state();
        boolean inUse = state.inFlight(migration.partition()).stream()
                        .anyMatch(other -> other.space().equals(area))
                || state.partition(migration.partition())
                        .filter(partition -> partition.space().equals(area))
                        .isPresent();
        if (inUse) return false;
        LOGGER.log(Level.DEBUG, "shared area {0} is of no more use", area);
        spaces.remove(area);
        return true;
    }

    private static boolean isArea(MigrationRecord migration) {
        return migration.space().startsWith(migration.partition() + ".m-");
    }

    private PartitionRecord current(PartitionRecord partition) {
        return ledger.state().partition(partition.name()).orElse(partition);
    }

    // The last migration through the area tells: one that failed after its commit left in the area what is nowhere
    // else.
    private boolean hasArrived(PartitionRecord partition) {
        if (!partition.isAway() || partition.suspended()) return false;
        List<MigrationRecord> through = ledger.state().migrations().stream()
                .filter(migration -> migration.space().equals(partition.space()) && migration.committed())
                .toList();
        return ledger.state().inFlight(partition.name()).isEmpty()
                && !through.isEmpty()
                && through.getLast().state() == MigrationState.COMPLETED
                && through.getLast().target().equals(partition.agent());
    }
}
