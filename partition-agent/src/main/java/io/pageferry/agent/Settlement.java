package io.pageferry.agent;

import io.pageferry.agent.control.ControlException;
import io.pageferry.attach.AttachLostException;
import io.pageferry.attach.AttachedPartition;
import io.pageferry.attach.ProgramFailedException;
import io.pageferry.attach.ProgramState;
import io.pageferry.heat.Order;
import io.pageferry.migration.MigrationCancelledException;
import io.pageferry.migration.MigrationFailedException;
import io.pageferry.migration.MigrationOptions;
import io.pageferry.stream.StreamedManifests;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Decides about a program that has attached again, its agent having died: the partition is whose the server says.
 *
 * <p>Invariant: a program at rest stays at rest until the server has answered, and a migration that is on is over or
 * committed; and a program of which pages are in the space still is served from it only if the partition is this agent's.
 */
final class Settlement implements Runnable {
    private static final Logger LOG = System.getLogger(Settlement.class.getName());
    private static final int NOT_FOUND = 404;
    private static final int FIRST_RETRY_MS = 20;
    private static final int LAST_RETRY_MS = 1000;

    private final Coordinator coordinator;
    private final Arrivals arrivals;
    private final StreamedManifests manifests;
    private final HostedPartition partition;
    private final AttachedPartition attached;
    private final Consumer<HostedPartition> onSettled;

    /** @param onSettled is told when the program is where it belongs */
    Settlement(
            Coordinator coordinator,
            Arrivals arrivals,
            StreamedManifests manifests,
            HostedPartition partition,
            Consumer<HostedPartition> onSettled) {
        this.coordinator = coordinator;
        this.arrivals = arrivals;
        this.manifests = manifests;
        this.partition = partition;
        this.attached = partition.attached();
        this.onSettled = onSettled;
    }

    @Override
    public void run() {
        try {
            while (!settle()) {}
            onSettled.accept(partition);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (AttachLostException | ProgramFailedException gone) {
            LOG.log(Level.WARNING, "partition {0}: {1}", partition.name(), gone.getMessage());
        }
    }

    /** Asks the server until it can be settled; what fails on the way is tried again. */
    private boolean settle() throws InterruptedException {
        for (int waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(2 * waitMs, LAST_RETRY_MS)) {
            if (attached.gone().isDone()) throw new AttachLostException("the program has gone");
            try {
                if (settleOnce()) return true;
            } catch (ControlException | MigrationFailedException | MigrationCancelledException notYet) {
                LOG.log(Level.WARNING, "partition {0} is not settled: {1}", partition.name(), notYet.getMessage());
            }
            Thread.sleep(waitMs);
        }
    }

    private boolean settleOnce() throws InterruptedException {
        if (attached.state() == ProgramState.INCOMING) return settleWaiting();
        boolean atRest = attached.state() == ProgramState.QUIESCED;
        if (!atRest && attached.state() != ProgramState.RUNNING) return true;
        Coordinator.Ownership ownership = ownership();
        if (atRest && isUndecided(ownership)) return false;
        boolean isOurs = ownership.agent().equals(coordinator.agent()) && !ownership.suspended();
        if (isOurs) goOnHere(ownership, atRest);
        else partition.heat().unobserved(this::leave);
        return true;
    }

    /**
     * Invariant: what had come by streams is given up only once the server says that the migration is over; while that is on, whoever
     * carries it on has the memory, or finds it as it is.
     */
    private boolean settleWaiting() throws InterruptedException {
        try {
            Optional<String> landed = manifests.migrationOf(partition.name());
            if (landed.isEmpty() || ownership().migration().equals(landed.get())) return true;
            if (partition.standby().prepareAnew()) manifests.drop(partition.name(), landed.get());
        } catch (UncheckedIOException unknown) {
            // The next arrival looks again, and has the memory emptied if it is not its own; one by storage must not
            // wait for that.
            LOG.log(Level.WARNING, "partition {0}: {1}", partition.name(), unknown.getMessage());
        }
        return true;
    }

    // A partition that the server has never heard of is whose it is reported to be.
    private Coordinator.Ownership ownership() throws InterruptedException {
        try {
            return coordinator.ownership(partition.name());
        } catch (ControlException.Refused refused) {
            if (refused.status() != NOT_FOUND) throw refused;
            return new Coordinator.Ownership(coordinator.agent(), false, "", partition.name());
        }
    }

    private boolean isUndecided(Coordinator.Ownership ownership) throws InterruptedException {
        return !ownership.migration().isEmpty()
                && !coordinator.migration(ownership.migration()).isCommitted();
    }

    private void goOnHere(Coordinator.Ownership ownership, boolean atRest) throws InterruptedException {
        if (partition.hasUnknownArrival()) arrivals.takeUp(partition, ownership.space(), orderIn(ownership));
        if (!atRest) return;
        byte[] held = attached.quiesce();
        attached.resume(attached.pointer(), held);
        LOG.log(Level.INFO, "partition {0} goes on here", partition.name());
    }

    // As the migration says by which it arrives, if that is still on.
    private Order orderIn(Coordinator.Ownership ownership) throws InterruptedException {
        if (ownership.migration().isEmpty()) return MigrationOptions.DEFAULT.orderIn();
        return coordinator.migration(ownership.migration()).options().orderIn();
    }

    private void leave() {
        if (attached.state() == ProgramState.RUNNING) {
            LOG.log(Level.WARNING, "partition {0} belongs elsewhere: what ran on here comes to rest", partition.name());
            attached.quiesce();
        }
        attached.depart();
        // With the memory, and before it is registered anew: a sample may have armed it.
        partition.tracker().abandon();
        partition.standby().prepare();
        LOG.log(Level.INFO, "partition {0} runs elsewhere now", partition.name());
    }
}
