package io.pageferry.server.migration;

import io.pageferry.migration.MigrationState;
import io.pageferry.process.Compilers;
import io.pageferry.server.http.ApiException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Takes in what both sides say of their migrations: figures go to memory, states to the ledger. */
final class Reports {
    private static final String RESUMED = "resumed";
    private static final String VERIFY = "verify";
    private static final String VERIFIED = "verified";
    private static final Map<Side, Set<MigrationState>> MAY_SAY = Map.of(
            Side.SOURCE,
            Set.of(
                    MigrationState.ACTIVE,
                    MigrationState.PRE_SWITCHOVER,
                    MigrationState.FAILED,
                    MigrationState.CANCELLED),
            Side.TARGET,
            Set.of(MigrationState.COMPLETED, MigrationState.FAILED));

    private final Ledger ledger;
    private final Steps steps;
    private final Topics topics;
    private final ProgressBook progressBook;

    Reports(Ledger ledger, Steps steps, Topics topics, ProgressBook progressBook) {
        this.ledger = ledger;
        this.steps = steps;
        this.topics = topics;
        this.progressBook = progressBook;
    }

    /**
     * Takes a report in; returns the migration as it is afterwards.
     *
     * @throws RefusedStep where the state that it tells cannot follow the present one
     */
    MigrationRecord take(MigrationRecord migration, Side side, Report report) {
        Progress progress = progressBook.of(migration.id());
        report.progress().ifPresent(figures -> progress.report(side, figures));
        progress.add(report.timeline());
        MigrationRecord after = report.state().isEmpty()
                ? migration
                : ledger.exclusively(migration.partition(), () -> step(current(migration), side, report));
        topics.changed(List.of(Topics.migration(migration.id())));
        return after;
    }

    private MigrationRecord step(MigrationRecord migration, Side side, Report report) {
        String word = report.state().orElseThrow();
        if (side == Side.TARGET && word.equals(RESUMED)) {
            return resumed(migration);
        }
        if (word.equals(side == Side.SOURCE ? VERIFY : VERIFIED)) {
            return verification(migration, side);
        }
        MigrationState state = MigrationState.ofWord(word)
                .filter(named -> mayAllSay(side).contains(named))
                .orElseThrow(() -> ApiException.badRequest(
                        "\"state\" is not one that a " + side.word() + " reports", "give one of " + words(side)));
        if (migration.state() == state) {
            return migration; // said again, since the answer was lost
        }
        if (!migration.state().mayBecome(state)
                || (side == Side.SOURCE && migration.committed())
                || (state == MigrationState.COMPLETED && !migration.committed())) {
            throw new RefusedStep("is " + migration.state().word() + ", so not " + word, migration);
        }
        Instant now = Instant.now();
        MigrationRecord next = state == MigrationState.FAILED
                ? migration.failed(report.error().orElse("the " + side.word() + " gave no reason"), now)
                : migration.in(state, now);
        if (state == MigrationState.PRE_SWITCHOVER) Compilers.giveWay();
        Update update = new Update().with(next);
        // From here on the source writes to the space, page by page.
        if (state == MigrationState.ACTIVE) {
            ledger.state()
                    .partition(migration.partition())
                    .filter(partition -> partition.space().equals(migration.space()))
                    .ifPresent(partition -> update.with(partition.withoutImage()));
        }
        steps.commit(update);
        return next;
    }

    private MigrationRecord resumed(MigrationRecord migration) {
        if (!migration.committed()) {
            throw new RefusedStep("is " + migration.state().word() + ", so its target cannot run", migration);
        }
        progressBook.of(migration.id()).markResumed();
        topics.changed(List.of(Topics.partition(migration.partition())));
        return migration;
    }

    /** The source writes nothing while it waits for the target's word, so both belong to the state before the switchover. */
    private MigrationRecord verification(MigrationRecord migration, Side side) {
        if (migration.state() != MigrationState.ACTIVE) {
            throw new RefusedStep("is " + migration.state().word() + ", so there is nothing to verify", migration);
        }
        Progress progress = progressBook.of(migration.id());
        if (side == Side.SOURCE) {
            progress.askToVerify();
        } else if (!progress.markVerified()) {
            throw new RefusedStep("has a source that did not ask to verify", migration);
        }
        Optional<String> other = side == Side.SOURCE ? migration.target() : migration.source();
        topics.changed(other.map(Topics::agent).stream().toList());
        return migration;
    }

    private MigrationRecord current(MigrationRecord migration) {
        return ledger.state().migration(migration.id()).orElse(migration);
    }

    private static Set<MigrationState> mayAllSay(Side side) {
        return MAY_SAY.getOrDefault(side, Set.of());
    }

    private static String words(Side side) {
        List<String> words =
                mayAllSay(side).stream().map(MigrationState::word).sorted().toList();
        return String.join(", ", words) + ", " + (side == Side.TARGET ? VERIFIED + ", " + RESUMED : VERIFY);
    }
}
