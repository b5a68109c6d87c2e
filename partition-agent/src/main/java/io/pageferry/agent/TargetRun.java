package io.pageferry.agent;

import io.pageferry.agent.control.ControlException;
import io.pageferry.attach.AttachLostException;
import io.pageferry.attach.ProgramFailedException;
import io.pageferry.attach.ProgramState;
import io.pageferry.linux.LinuxException;
import io.pageferry.migration.CorruptPageException;
import io.pageferry.migration.MigrationCancelledException;
import io.pageferry.migration.MigrationState;
import io.pageferry.migration.TargetControl;
import io.pageferry.migration.TargetMigration;
import io.pageferry.migration.Verification;
import io.pageferry.pager.WaitingMemory;
import io.pageferry.path.PagePathIn;
import io.pageferry.process.Compilers;
import io.pageferry.stream.ManifestFile;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The target's part in a migration, or in a resume. */
final class TargetRun extends Run implements TargetControl {
    private static final Logger LOG = System.getLogger(TargetRun.class.getName());
    private static final long FIGURES_EVERY_MS = 200;
    private static final long TURN_CHECK_MS = 100;
    private static final long HEARD_WITHIN_MS = 200;

    private final Arrivals arrivals;
    private final Runnable onChanged;

    /** @param onChanged called when the program's state has changed */
    TargetRun(
            Coordinator coordinator,
            HostedPartition hosted,
            Assignment first,
            Arrivals arrivals,
            Ways ways,
            Runnable onChanged) {
        super(coordinator, hosted, first, "target", ways);
        this.arrivals = arrivals;
        this.onChanged = onChanged;
    }

    /**
     * Invariant: two arrivals in one program never overlap. What a cancelled one still has under way, or drops at its end,
     * would be taken for pages of the next.
     */
    @Override
    public void run() {
        if (!awaitTurn()) return;
        try {
            carryOut();
        } finally {
            hosted().arrivalTurn().release();
        }
    }

    /** Returns false if it is over before it could begin. */
    private boolean awaitTurn() {
        try {
            while (!hosted().arrivalTurn().tryAcquire(TURN_CHECK_MS, TimeUnit.MILLISECONDS)) isDecided();
            return true;
        } catch (MigrationCancelledException ended) {
            return false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @SuppressWarnings("CatchingUnchecked") // whatever fails must be reported, and never end this thread unheard
    private void carryOut() {
        try {
            if (cameByNetwork()) reportEnd(MigrationState.COMPLETED, Optional.empty());
            else if (hosted().attached().state() == ProgramState.RUNNING) followTakenUp();
            else arrive();
        } catch (MigrationCancelledException ended) {
            LOG.log(Level.INFO, "{0} ended before its commit; what arrived is dropped", latest().id());
            discard();
        } catch (AttachLostException lost) {
            LOG.log(Level.INFO, "{0}: {1}", latest().id(), lost.getMessage());
            // After the commit whoever has the program next goes on; that it is no more, the report of the programs
            // tells.
            if (!latest().isCommitted())
                reportEnd(MigrationState.FAILED, Optional.of(String.valueOf(lost.getMessage())));
        } catch (Exception | Error failure) {
            LOG.log(Level.ERROR, latest().id() + " failed on the target", failure);
            reportEnd(MigrationState.FAILED, Optional.of(String.valueOf(failure.getMessage())));
            if (!latest().isCommitted()) discard();
        }
    }

    /**
     * Invariant: a program that came by streams has had every page before it ran; so after the death of its agent nothing is to be
     * fetched, and there is nowhere to fetch it from.
     */
    private boolean cameByNetwork() {
        return latest().route().byNetwork() && hosted().attached().state() == ProgramState.RUNNING;
    }

    private void arrive() throws InterruptedException {
        hosted().arrivalBegins();
        Filling filling = receive();
        hosted().setFilling(Optional.of(filling));
        var _ = filling.outcome().whenComplete((complete, failure) -> {
            if (failure != null) reportEnd(MigrationState.FAILED, Optional.of(reason(failure)));
            else if (complete) reportCompleted();
            else LOG.log(Level.INFO, "{0}: filling ended before everything was here", latest().id());
        });
        Thread.ofVirtual().start(() -> publishWhile(filling));
        filling.run();
    }

    private void reportCompleted() {
        reportEnd(MigrationState.COMPLETED, Optional.empty());
        // An operator may ask for it before anything is sampled here, if it ever is.
        if (!hosted().heat().map().isKnown()) return;
        try {
            coordinator().reportHeat(hosted().name(), HeatReport.of(hosted()));
        } catch (ControlException | LinuxException notNow) {
            LOG.log(Level.DEBUG, "heat of {0} not reported: {1}", hosted().name(), notNow.getMessage());
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }

    // What a future hands on may be wrapped, with the name of a class before the message.
    private static String reason(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : null;
        return String.valueOf(cause == null ? failure.getMessage() : cause.getMessage());
    }

    private void publishWhile(Filling filling) {
        try {
            while (!filling.outcome().isDone()) {
                publishNow(false);
                Thread.sleep(FIGURES_EVERY_MS);
            }
        } catch (InterruptedException ending) {
            LOG.log(Level.DEBUG, "figures of {0} end with the agent", latest().id());
        }
    }

    /** However long it takes, until it is decided: from the commit on nobody else can bring the partition. */
    @Override
    Patience patience() {
        return new Patience(Patience.ENDLESS, this::checkAwaited);
    }

    private void checkAwaited() {
        var _ = isDecided();
        if (hosted().attached().gone().isDone()) throw new AttachLostException("the program has gone");
    }

    private Filling receive() {
        // Before the memory is taken, which is emptied where nothing is found.
        Optional<ManifestFile> landed = findLanded();
        Standby standby = hosted().standby();
        WaitingMemory memory = landed.isPresent() ? standby.takeAsItIs() : standby.take();
        PagePathIn path = landed.isPresent()
                ? paths().landed(landed.get(), memory, () -> latest().isCommitted())
                : patience().open(() -> paths().in(memory));
        TargetMigration migration = new TargetMigration(
                hosted().attached(),
                hosted().heat(),
                latest().options().orderIn(),
                path,
                this,
                arrivals.options(),
                progress(),
                timeline());
        try {
            return arrivals.filling(hosted(), migration.receive(memory), progress(), timeline());
        } catch (RuntimeException | Error failure) {
            // In this order: until the path is closed, something may still come in.
            path.close();
            migration.close();
            throw failure;
        }
    }

    /**
     * What an agent before this one has left of this very migration, if it has come by streams.
     *
     * <p>Invariant: an error on the way to it is not its absence, and ends no migration: it is tried again until that is over.
     */
    private Optional<ManifestFile> findLanded() {
        while (latest().route().byNetwork()) {
            try {
                Optional<ManifestFile> landed = ways().manifests().find(hosted().name(), latest().id());
                if (landed.isPresent())
                    LOG.log(Level.INFO, "{0}: goes on with what had come by streams", latest().id());
                return landed;
            } catch (UncheckedIOException notNow) {
                LOG.log(Level.WARNING, "{0}: {1}; trying again", latest().id(), notNow.getMessage());
            }
            checkAwaited();
            awaitNews(() -> false, HEARD_WITHIN_MS);
        }
        return Optional.empty();
    }

    // What cannot be deleted now is found by the next arrival, or when the program is found again.
    private void forgetLanded() {
        if (!latest().route().byNetwork()) return;
        try {
            ways().manifests().drop(hosted().name(), latest().id());
        } catch (UncheckedIOException notNow) {
            LOG.log(Level.WARNING, "{0}: {1}", latest().id(), notNow.getMessage());
        }
    }

    /** The program runs already: an agent before this one has resumed it, and this one has taken up what still arrives. */
    private void followTakenUp() throws InterruptedException {
        timeline().mark("taken-up");
        Filling filling = patience()
                .open(() -> arrivals.takeUp(
                        hosted(), latest().space(), latest().options().orderIn()));
        while (true) {
            try {
                boolean complete = filling.outcome().get(FIGURES_EVERY_MS, TimeUnit.MILLISECONDS);
                filling.progress().figures().forEach(progress()::set);
                if (complete) reportEnd(MigrationState.COMPLETED, Optional.empty());
                return;
            } catch (TimeoutException notYet) {
                filling.progress().figures().forEach(progress()::set);
                publishNow(false);
            } catch (ExecutionException failed) {
                if (failed.getCause() instanceof CorruptPageException corrupt) throw corrupt;
                throw new IllegalStateException("filling failed", failed);
            }
        }
    }

    private void discard() {
        // In this order: an empty memory with a manifest would be taken for what had come.
        forgetLanded();
        try {
            if (hosted().attached().state() == ProgramState.INCOMING)
                hosted().standby().prepare();
        } catch (AttachLostException | ProgramFailedException | LinuxException ended) {
            // The kernel refuses a call on a memory that is being taken down before the socket shows that its program
            // ends.
            LOG.log(
                    Level.INFO,
                    "{0}: the waiting program of {1} has ended: {2}",
                    latest().id(),
                    hosted().name(),
                    ended.getMessage());
        }
    }

    @Override
    public boolean awaitCommit(long timeoutMs) {
        awaitNews(this::isDecided, timeoutMs);
        return isDecided();
    }

    @Override
    public boolean isSwitching() {
        boolean switching = latest().state() == MigrationState.PRE_SWITCHOVER;
        if (switching) Compilers.giveWay();
        return switching;
    }

    @Override
    public boolean isToVerify() {
        return latest().verification() == Verification.ASKED;
    }

    @Override
    public boolean isCommitted(long generation) {
        return latest().isCommitted(generation);
    }

    @Override
    public void verified() {
        try {
            report("verified", Optional.empty());
        } catch (ControlException notHeard) {
            // Who asked asks again: not before a server that was started anew knows of the question.
            LOG.log(Level.INFO, "{0}: not heard that it is verified: {1}", latest().id(), notHeard.getMessage());
            awaitNews(() -> !isToVerify(), HEARD_WITHIN_MS);
        }
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
        forgetLanded();
    }

    @Override
    public void publish() {
        publishNow(false);
    }
}
