package io.pageferry.systemtests.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.nbd.client.NbdClient;
import io.pageferry.nbd.client.NbdClientOptions;
import io.pageferry.testing.TestSeed;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Random commands of several writers, each over connections of its own, against a model of every byte, while the server is
 * killed with SIGKILL and started anew between rounds.
 */
class KilledServerModelTest {
    private static final int WRITERS = 3;
    private static final int ROUNDS = 4;
    private static final int MAX_STEPS = 400;
    /** No multiple of a page: neighbours share the pages where their regions meet. */
    private static final int REGION_BYTES = (1 << 20) + 1000;

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final List<Region> regions = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private Random random;

    @SuppressWarnings("NullAway.Init")
    private ServerProcess server;

    @BeforeEach
    void start() throws Exception {
        random = TestSeed.random(KilledServerModelTest.class);
        server = ServerProcess.start("model");
        // One byte more: a trim that reaches the end of a space also takes the last page where that is short.
        server.create("model", WRITERS * (long) REGION_BYTES + 1);
        for (int i = 0; i < WRITERS; i++) {
            regions.add(new Region(i * (long) REGION_BYTES, REGION_BYTES, random.nextLong()));
        }
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    /** Clients that give up with the server: new ones find what was flushed; all else is old or new. */
    @Test
    void whatWasFlushedSurvivesAKillAndTheRestIsOldOrNew() throws Exception {
        NbdClientOptions givesUp = options(Duration.ofMillis(20));
        for (int round = 0; round < ROUNDS; round++) {
            CountDownLatch untilKill = new CountDownLatch(random.nextInt(WRITERS * MAX_STEPS));
            Thread killer = Thread.ofPlatform().start(() -> {
                await(untilKill);
                server.kill();
            });
            each(givesUp, (region, client, arena) -> {
                try {
                    while (true) {
                        untilKill.countDown();
                        region.step(client, arena);
                    }
                } catch (CompletionException lost) {
                    region.serverLost();
                }
            });
            killer.join();
            server.restart();
            each(options(PATIENCE), (region, client, arena) -> {
                region.checkSurvived(client, arena);
                region.flush(client, arena);
                region.checkAll(client, arena);
            });
        }
    }

    /** Clients that wait for the server: they lose and repeat nothing, whatever was under way. */
    @Test
    void clientsThatReconnectFindEverythingAsIfTheServerHadNeverGone() throws Exception {
        Semaphore steps = new Semaphore(0);
        AtomicBoolean killing = new AtomicBoolean(true);
        Thread killer = Thread.ofPlatform().start(() -> {
            for (int round = 0; round < ROUNDS; round++) {
                steps.acquireUninterruptibly(1 + random.nextInt(WRITERS * MAX_STEPS));
                server.killAndRestart();
                steps.drainPermits();
            }
            killing.set(false);
        });
        each(options(PATIENCE), (region, client, arena) -> {
            while (killing.get()) {
                region.step(client, arena);
                steps.release();
            }
            region.flush(client, arena);
            region.checkAll(client, arena);
        });
        killer.join();
    }

    private static NbdClientOptions options(Duration reconnect) {
        return NbdClientOptions.DEFAULT
                .withConnections(2, false)
                .withInFlight(32, 4 << 20)
                .withTimeLimits(PATIENCE, reconnect, PATIENCE);
    }

    private interface Work {
        void run(Region region, NbdClient client, Arena arena);
    }

    /** Each writer at once, with a client of its own. */
    private void each(NbdClientOptions options, Work work) throws InterruptedException {
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        Consumer<Region> whole = region -> {
            try (Arena arena = Arena.ofShared();
                    NbdClient client = NbdClient.connect(server.uri("model"), options)) {
                work.run(region, client, arena);
            } catch (Throwable failure) {
                failures.add(failure);
            }
        };
        List<Thread> threads = regions.stream()
                .map(region -> Thread.ofPlatform().start(() -> whole.accept(region)))
                .toList();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
