package io.pageferry.agent;

import io.pageferry.agent.control.ControlException;
import io.pageferry.attach.AttachLostException;
import io.pageferry.attach.ProgramFailedException;
import io.pageferry.attach.ProgramState;
import io.pageferry.migration.MigrationCancelledException;
import io.pageferry.migration.MigrationFailedException;
import io.pageferry.migration.MigrationState;
import io.pageferry.migration.TargetControl;
import io.pageferry.migration.TargetMigration;
import io.pageferry.nbd.MetaContexts;
import io.pageferry.nbd.client.NbdClient;
import io.pageferry.nbd.client.NbdClientOptions;
import io.pageferry.nbd.client.NbdFailure;
import io.pageferry.pager.PageTableSwitch;
import io.pageferry.path.NbdPagePathIn;
import io.pageferry.path.PagePathIn;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;

/** The target's part in a migration, or in a resume. */
final class TargetRun extends Run implements TargetControl {
    private static final Logger LOG = System.getLogger(TargetRun.class.getName());

    private final Runnable onChanged;

    /** @param onChanged called when the program's state has changed */
    TargetRun(Coordinator coordinator, HostedPartition hosted, Assignment first, Runnable onChanged) {
        super(coordinator, hosted, first, "target");
        this.onChanged = onChanged;
    }

    @Override
    @SuppressWarnings("CatchingUnchecked") // whatever fails must be reported, and never end this thread unheard
    public void run() {
        try (PagePathIn path = openPath()) {
            arrive(new TargetMigration(
                    hosted().attached(),
                    hosted().heat(),
                    latest().options().orderIn(),
                    path,
                    this,
                    progress(),
                    timeline()));
        } catch (MigrationCancelledException ended) {
            LOG.log(Level.INFO, "{0} ended before its commit; what arrived is dropped", latest().id());
            discard();
        } catch (Exception failure) {
            LOG.log(Level.ERROR, latest().id() + " failed on the target", failure);
            reportEnd(MigrationState.FAILED, Optional.of(String.valueOf(failure.getMessage())));
            if (!latest().isCommitted()) discard();
        }
    }

    private void arrive(TargetMigration migration) throws InterruptedException {
        boolean runsAlready = hosted().attached().state() == ProgramState.RUNNING;
        // Not closed on leaving: a migration out of here may take the rest of the arrival over.
        TargetMigration.Arrived arrived = runsAlready ? migration.takeUp() : migration.receive();
        hosted().setArrived(Optional.of(arrived));
        onChanged.run();
        if (!arrived.fill()) {
            LOG.log(Level.INFO, "{0}: filling ended before everything was here", latest().id());
            return;
        }
        timeline().mark("switch");
        PageTableSwitch.Report switched = new PageTableSwitch(hosted().attached(), PageTableSwitch.Pace.DEFAULT)
                .run(arrived.arrival().zeroes());
        progress().set("populate-us", switched.populateNs() / 1000);
        progress().set("switch-us", switched.switchNs() / 1000);
        progress().set("swept-entries", switched.swept());
        timeline().mark("swept");
        arrived.close();
        hosted().setArrived(Optional.empty());
        reportEnd(MigrationState.COMPLETED, Optional.empty());
    }

    // By its name alone: reading needs no lease, and the source's writes are not ours to make.
    private PagePathIn openPath() {
        try {
            return new NbdPagePathIn(NbdClient.connect(
                    coordinator().spaceSince(latest().space(), latest().spaceSequence()),
                    NbdClientOptions.DEFAULT.withContexts(List.of(MetaContexts.WRITTEN_SINCE))));
        } catch (NbdFailure failure) {
            throw new MigrationFailedException("cannot open the paging space: " + failure.getMessage(), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new MigrationCancelledException();
        }
    }

    private void discard() {
        try {
            if (hosted().attached().state() == ProgramState.INCOMING)
                hosted().attached().awaitArrival();
        } catch (AttachLostException | ProgramFailedException ended) {
            LOG.log(Level.INFO, "{0}: the waiting program of {1} has ended", latest().id(), hosted().name());
        }
    }

    @Override
    public boolean awaitCommit(long timeoutMs) {
        awaitNews(this::isDecided, timeoutMs);
        return isDecided();
    }

    @Override
    public boolean isSwitching() {
        return latest().state() == MigrationState.PRE_SWITCHOVER;
    }

    private boolean isDecided() {
        Assignment now = latest();
        if (!now.isCommitted() && now.state().isTerminal()) throw new MigrationCancelledException();
        return now.isCommitted();
    }

    @Override
    public void resumed() {
        try {
            report("resumed", Optional.empty());
        } catch (ControlException notHeard) {
            LOG.log(
                    Level.WARNING,
                    "{0}: the server has not heard that the program runs: {1}",
                    latest().id(),
                    notHeard.getMessage());
        }
        onChanged.run();
    }

    @Override
    public void publish() {
        publishNow(false);
    }
}
