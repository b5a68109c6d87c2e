package io.pageferry.server.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.attach.ProgramState;
import io.pageferry.server.catalog.Catalog;
import io.pageferry.server.catalog.SpaceRecord;
import io.pageferry.testing.TestSeed;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commit, cancel and failure at the same moment: exactly one of them decides, and everybody is told the same. */
class CommitRaceTest {
    private static final int ROUNDS = 200;
    private static final List<String> ENDS = List.of("a", "b");

    @TempDir
    private Path pool;

    private final Random random = TestSeed.random(CommitRaceTest.class);
    private Catalog catalog;
    private MigrationService service;
    private List<String> sessions;

    @BeforeEach
    void start() throws IOException {
        catalog = Catalog.open(pool);
        catalog.addSpace(new SpaceRecord("vm", 1 << 21, OptionalLong.empty(), Instant.now()));
        catalog.fenceWith((space, epoch) -> pause());
        service = MigrationService.start(catalog, new NoSpaces(), Duration.ofHours(1));
        sessions =
                ENDS.stream().map(name -> service.register(name, 1, "now", "")).toList();
        host(0, ProgramState.RUNNING);
    }

    @AfterEach
    void stop() throws IOException {
        service.close();
        catalog.close();
    }

    @Test
    void exactlyOneOfCommitAndCancelWins() throws Exception {
        int owner = 0;
        int cancelled = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int round = 0; round < ROUNDS; round++) {
                long epochBefore = epoch();
                String id = toTheSwitchover(owner);
                String session = sessions.get(owner);
                String token = catalog.lease("vm").orElseThrow().token();
                List<Boolean> outcomes = atOnce(
                        threads,
                        () -> service.commit(id, Optional.of(session), token).committed(),
                        () -> service.cancel(id).status().equals("cancelling"),
                        () -> service.commit(id, Optional.of(session), token).committed());

                boolean committed = outcomes.get(0);
                assertThat(outcomes.get(2)).as("asked twice, answered the same").isEqualTo(committed);
                assertThat(outcomes.get(1))
                        .as("cancel wins where commit does not")
                        .isEqualTo(!committed);
                assertThat(epoch()).isEqualTo(committed ? epochBefore + 1 : epochBefore);
                owner = committed ? 1 - owner : owner;
                assertThat(service.partition("vm", 0, 0).agent()).contains(ENDS.get(owner));
                assertThat(catalog.lease("vm").orElseThrow().holder()).isEqualTo(ENDS.get(owner));
                cancelled += committed ? 0 : 1;
                end(id, owner, committed);
            }
        }
        System.out.println("of " + ROUNDS + " rounds, cancel won " + cancelled);
    }

    @Test
    void exactlyOneOfCommitAndAReportedFailureWins() throws Exception {
        int owner = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int round = 0; round < ROUNDS / 2; round++) {
                String id = toTheSwitchover(owner);
                String source = sessions.get(owner);
                String target = sessions.get(1 - owner);
                String token = catalog.lease("vm").orElseThrow().token();
                List<Boolean> outcomes = atOnce(
                        threads,
                        () -> service.commit(id, Optional.of(source), token).committed(),
                        () -> report(id, Side.TARGET, target, "failed").committed());

                MigrationView after = service.migration(id, 0, 0);
                assertThat(after.status()).isEqualTo("failed");
                assertThat(outcomes.get(0)).isEqualTo(after.committed());
                assertThat(outcomes.get(1)).isEqualTo(after.committed());
                owner = after.committed() ? 1 - owner : owner;
                assertThat(service.partition("vm", 0, 0).agent()).contains(ENDS.get(owner));
            }
        }
    }

    private String toTheSwitchover(int owner) {
        host(owner, ProgramState.RUNNING);
        host(1 - owner, ProgramState.INCOMING);
        String id = service.create(new MigrationRequest(
                        MigrationKind.MIGRATE,
                        "vm",
                        Optional.of(ENDS.get(1 - owner)),
                        MigrationOptions.defaults(),
                        false))
                .id();
        report(id, Side.SOURCE, sessions.get(owner), "active");
        report(id, Side.SOURCE, sessions.get(owner), "pre-switchover");
        return id;
    }

    private void end(String id, int owner, boolean committed) {
        String session = sessions.get(owner);
        if (committed) {
            report(id, Side.TARGET, session, "resumed");
            report(id, Side.TARGET, session, "completed");
        } else {
            report(id, Side.SOURCE, session, "cancelled");
        }
    }

    private MigrationView report(String id, Side side, String session, String state) {
        return service.report(
                id,
                side,
                Optional.of(session),
                new Report(Optional.of(state), Optional.empty(), Optional.empty(), List.of()));
    }

    private void host(int agent, ProgramState state) {
        service.host(
                ENDS.get(agent),
                Optional.of(sessions.get(agent)),
                List.of(new HostedPartition("vm", 1 << 20, state, Optional.empty(), 7)));
    }

    private long epoch() throws InterruptedException {
        return service.partition("vm", 0, 0).epoch();
    }

    /** Runs all at the same moment, but for a random shift; a step that is refused counts as false. */
    @SafeVarargs
    private List<Boolean> atOnce(ExecutorService threads, Callable<Boolean>... tasks) throws Exception {
        CyclicBarrier barrier = new CyclicBarrier(tasks.length);
        List<Future<Boolean>> futures = new ArrayList<>();
        for (Callable<Boolean> task : tasks) {
            long shiftNs = random.nextInt(400_000);
            futures.add(threads.submit(() -> {
                barrier.await();
                LockSupport.parkNanos(shiftNs);
                try {
                    return task.call();
                } catch (StepRefusedException e) {
                    return false;
                }
            }));
        }
        List<Boolean> outcomes = new ArrayList<>();
        for (Future<Boolean> future : futures) {
            outcomes.add(future.get());
        }
        return outcomes;
    }

    private static void pause() {
        LockSupport.parkNanos(100_000);
    }
}
