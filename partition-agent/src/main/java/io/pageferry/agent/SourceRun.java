package io.pageferry.agent;

import io.pageferry.agent.control.ControlException;
import io.pageferry.attach.AttachLostException;
import io.pageferry.attach.ProgramFailedException;
import io.pageferry.linux.LinuxException;
import io.pageferry.manifest.Manifest;
import io.pageferry.manifest.SpaceLayout;
import io.pageferry.migration.Arrival;
import io.pageferry.migration.MigrationCancelledException;
import io.pageferry.migration.MigrationFailedException;
import io.pageferry.migration.MigrationState;
import io.pageferry.migration.SourceControl;
import io.pageferry.migration.SourceMigration;
import io.pageferry.migration.Verification;
import io.pageferry.nbd.client.NbdClientOptions;
import io.pageferry.page.PageSet;
import io.pageferry.path.PagePathOut;
import io.pageferry.process.Background;
import io.pageferry.process.Compilers;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.function.Supplier;

/** The source's part in a migration, or a suspend. */
final class SourceRun extends Run implements SourceControl {
    private static final Logger LOG = System.getLogger(SourceRun.class.getName());
    private static final int FIRST_RETRY_MS = 20;
    private static final int LAST_RETRY_MS = 1000;
    private static final long ASK_AGAIN_MS = 500;
    private static final int CONFLICT = 409;
    private static final int FORBIDDEN = 403;
    private static final int UNAUTHORIZED = 401;
    private static final int NOT_FOUND = 404;

    private final Runnable onChanged;
    private final long requestedNs = System.nanoTime();
    private boolean isEvicted;

    /** @param onChanged called when the program's state has changed */
    SourceRun(Coordinator coordinator, HostedPartition hosted, Assignment first, Ways ways, Runnable onChanged) {
        super(coordinator, hosted, first, "source", ways);
        this.onChanged = onChanged;
    }

    @Override
    @SuppressWarnings(
            "CatchingUnchecked") // whatever fails before the commit must end as a failed migration, with a running
    // program
    public void run() {
        ArrivalTurns turns = hosted().turns();
        boolean begun = false;
        boolean left = false;
        Runnable report = () -> {};
        try {
            // What is still in the space need not come here to go there again.
            turns.beginLeaving(
                    () -> hosted().filling()
                            .ifPresent(filling -> filling.arrived().stopFilling()),
                    this::checkCancelled);
            begun = true;
            left = pageOut(hosted().filling());
            if (!left) report = this::reportRefused;
        } catch (MigrationCancelledException cancelled) {
            report = () -> reportEnd(MigrationState.CANCELLED, Optional.empty());
        } catch (Exception | Error failure) {
            LOG.log(Level.ERROR, latest().id() + " failed on the source; the program goes on here", failure);
            report = () -> reportEnd(MigrationState.FAILED, Optional.of(String.valueOf(failure.getMessage())));
        } finally {
            if (begun) turns.endLeaving(left);
        }
        // Who registered anew in the middle has told the server of a program at rest.
        if (!left) onChanged.run();
        // Last of all: from then on the next migration may begin, whose turn this end must not take.
        report.run();
    }

    // As long as a client of NBD waits for one that was there before: the program may be at rest meanwhile.
    @Override
    Patience patience() {
        return new Patience(NbdClientOptions.DEFAULT.reconnectLimit(), this::checkCancelled);
    }

    private boolean pageOut(Optional<Filling> arriving) {
        // In this order: until the path is closed, something of the manifest may still go out.
        try (Manifest empty = new Manifest(new SpaceLayout(hosted().attached().pageCount()));
                PagePathOut path = paths().out()) {
            boolean committed = new SourceMigration(
                            request(arriving, empty), hosted().tracker(), path, this, progress(), timeline())
                    .run();
            if (committed) leave(arriving);
            return committed;
        }
    }

    // Where a cancel came first, the server waits for this side's word; else it has given the migration up by itself.
    private void reportRefused() {
        LOG.log(Level.WARNING, "{0}: the commit was refused; the program goes on here", latest().id());
        if (!reportEnd(MigrationState.CANCELLED, Optional.empty()))
            reportEnd(MigrationState.FAILED, Optional.of("the commit was refused"));
    }

    private SourceMigration.Request request(Optional<Filling> filling, Manifest empty) {
        Optional<Arrival> arriving = filling.map(one -> one.arrived().arrival());
        long pageCount = hosted().attached().pageCount();
        Manifest manifest = arriving.map(Arrival::manifest).orElse(empty);
        Supplier<PageSet> notHere =
                () -> leftInSpace(arriving.map(Arrival::missingNow).orElseGet(() -> new PageSet(pageCount)));
        return new SourceMigration.Request(
                hosted().attached(), hosted().heat(), manifest, notHere, latest().epoch() + 1, latest().options());
    }

    /** Invariant: the next target has each page by this migration, or from the space that this one goes through: the network is none. */
    private PageSet leftInSpace(PageSet pages) {
        if (pages.isEmpty() || !latest().route().byNetwork()) return pages;
        throw new MigrationFailedException(
                pages.size() + " pages of partition " + hosted().name()
                        + " are in its space alone, which do not go by the network: wait until they have arrived, or migrate by storage");
    }

    /** The partition is another's now, and the program knows: its memory is given back, so that it can be a target again. */
    private void leave(Optional<Filling> arriving) {
        arriving.ifPresent(Filling::close);
        hosted().setFilling(Optional.empty());
        try (var _ = Background.begin()) {
            hosted().standby().prepare(this::evicted);
        } catch (AttachLostException ended) {
            LOG.log(Level.INFO, "{0}: the program of {1} has ended", latest().id(), hosted().name());
            // With its memory, if it had not given that up before.
            if (!isEvicted) evicted();
        } catch (ProgramFailedException | LinuxException failure) {
            // It is another's partition all the same; the next arrival has the memory emptied again.
            LOG.log(
                    Level.WARNING,
                    "{0}: the program of {1} is not ready for another arrival yet: {2}",
                    latest().id(),
                    hosted().name(),
                    failure.getMessage());
        }
        onChanged.run();
        publishNow(true);
    }

    private void evicted() {
        isEvicted = true;
        progress().set("eviction-time-ms", (System.nanoTime() - requestedNs) / 1_000_000);
        timeline().mark("evicted");
    }

    @Override
    public void report(MigrationState state) {
        checkCancelled();
        if (state == MigrationState.PRE_SWITCHOVER) Compilers.giveWay();
        say(state.word());
        checkCancelled();
    }

    private void say(String word) {
        try {
            report(word, Optional.empty());
        } catch (ControlException.Refused refused) {
            if (refused.status() != CONFLICT) throw refused;
            throw new MigrationCancelledException();
        }
    }

    @Override
    public void awaitVerified() {
        while (!latest().target().isEmpty() && !isVerified()) {
            // Again and again: a server that has started anew does not know of it.
            say("verify");
            checkCancelled();
            awaitNews(() -> isVerified() || latest().state() != MigrationState.ACTIVE, ASK_AGAIN_MS);
            checkCancelled();
        }
    }

    private boolean isVerified() {
        return latest().verification() == Verification.PASSED;
    }

    @Override
    public void checkCancelled() {
        MigrationState state = latest().state();
        if (state == MigrationState.CANCELLING || state == MigrationState.CANCELLED)
            throw new MigrationCancelledException();
        if (state == MigrationState.FAILED) throw new MigrationFailedException("the server has given the migration up");
    }

    @Override
    public void publish() {
        publishNow(false);
    }

    /**
     * Invariant: an answer is taken as the outcome only if it is about the commit itself; where none came, the question is
     * asked again for as long as this agent lives, and the program stays quiesced.
     */
    @Override
    public Commit commit() {
        for (int waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(2 * waitMs, LAST_RETRY_MS)) {
            try {
                update(coordinator().commit(latest().id(), latest().leaseToken()));
                return Commit.COMMITTED;
            } catch (ControlException.Refused refused) {
                boolean isAnswer = refused.status() == CONFLICT || refused.status() == FORBIDDEN;
                if (isAnswer) return Commit.REFUSED;
                boolean sessionLost = refused.status() == UNAUTHORIZED || refused.status() == NOT_FOUND;
                LOG.log(
                        sessionLost ? Level.INFO : Level.ERROR,
                        "{0}: commit: {1}; asking again",
                        latest().id(),
                        refused.getMessage());
            } catch (ControlException.Unreachable unknown) {
                LOG.log(
                        Level.WARNING,
                        "{0}: outcome of the commit not known: {1}; asking again",
                        latest().id(),
                        unknown.getMessage());
            } catch (InterruptedException interrupted) {
                LOG.log(Level.WARNING, "{0}: interrupted during the commit; asking again", latest().id());
            }
            pause(waitMs);
        }
    }

    private static void pause(int waitMs) {
        try {
            Thread.sleep(waitMs);
        } catch (InterruptedException notNow) {
            LOG.log(Level.DEBUG, "the outcome of a commit is waited for without regard to interrupts");
        }
    }
}
