package io.pageferry.systemtests.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.nbd.ExtentFlags;
import io.pageferry.nbd.MetaContexts;
import io.pageferry.nbd.client.Extent;
import io.pageferry.nbd.client.ExtentWalk;
import io.pageferry.nbd.client.NbdClient;
import io.pageferry.nbd.client.NbdClientOptions;
import io.pageferry.testing.TestSeed;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A copy that is kept up to date by nothing but {@code pageferry:written-since}, while others write: when they stop, one more
 * question makes it equal. A change that is missed once is missed for ever.
 */
class ChangedPagesTest {
    private static final int PAGE_BYTES = 4096;
    private static final int PAGES = 3000;
    private static final long SIZE_BYTES = PAGES * (long) PAGE_BYTES + 100;
    private static final int WRITERS = 3;
    private static final int ROUNDS = 25;
    private static final int COMMANDS = 300;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment copy = arena.allocate(SIZE_BYTES);

    @SuppressWarnings("NullAway.Init")
    private Random random;

    @SuppressWarnings("NullAway.Init")
    private ServerProcess server;

    @BeforeEach
    void start() throws Exception {
        random = TestSeed.random(ChangedPagesTest.class);
        server = ServerProcess.start("changed");
        server.create("changed", SIZE_BYTES);
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        arena.close();
    }

    private NbdClient connect() throws Exception {
        Duration patience = Duration.ofSeconds(60);
        return NbdClient.connect(
                server.uri("changed"),
                NbdClientOptions.DEFAULT.withConnections(2, false).withTimeLimits(patience, patience, patience));
    }

    @Test
    void noWriteIsMissedHoweverManyWriteAtOnce() throws Exception {
        try (NbdClient follower = connect()) {
            for (int round = 0; round < ROUNDS; round++) {
                followWriters(follower);
                assertCopyIsEqual(follower, round);
            }
        }
    }

    @Test
    void afterTheServerWasKilledTheNextAnswersMissNothingEither() throws Exception {
        try (NbdClient follower = connect()) {
            for (int round = 0; round < 3; round++) {
                followWriters(follower);
                // Changes that nobody has asked about when the server dies.
                write(random.nextLong());
                server.killAndRestart();
                follow(follower);
                assertCopyIsEqual(follower, round);
            }
        }
    }

    private void followWriters(NbdClient follower) throws Exception {
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        List<Thread> writers = IntStream.range(0, WRITERS)
                .mapToObj(i -> random.nextLong())
                .map(seed -> Thread.ofPlatform().start(() -> {
                    try {
                        write(seed);
                    } catch (Exception | AssertionError e) {
                        failures.add(e);
                    }
                }))
                .toList();
        while (writers.stream().anyMatch(Thread::isAlive)) {
            follow(follower);
        }
        assertThat(failures).isEmpty();
        follow(follower);
    }

    /** Asks, then reads what changed. */
    private void follow(NbdClient follower) {
        // In two questions now and then: it is remembered page by page what was asked about.
        long middle = random.nextBoolean() ? SIZE_BYTES : random.nextInt(PAGES) * (long) PAGE_BYTES + random.nextInt(2);
        followRange(follower, 0, middle);
        followRange(follower, middle, SIZE_BYTES - middle);
    }

    private void followRange(NbdClient follower, long offset, long lengthBytes) {
        List<Extent> extents = ExtentWalk.extents(follower, MetaContexts.WRITTEN_SINCE, offset, lengthBytes)
                .join();
        CompletableFuture<?>[] reads = extents.stream()
                .filter(extent -> extent.has(ExtentFlags.CHANGED))
                .map(extent -> follower.read(extent.offset(), copy.asSlice(extent.offset(), extent.lengthBytes())))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(reads).join();
    }

    private void write(long seed) throws Exception {
        Random choice = new Random(seed);
        try (NbdClient client = connect();
                Arena payloads = Arena.ofShared()) {
            CompletableFuture<?> all = CompletableFuture.completedFuture(null);
            for (int i = 0; i < COMMANDS; i++) {
                int length = 1 + choice.nextInt(choice.nextInt(10) == 0 ? 100_000 : 5000);
                long at = choice.nextInt((int) SIZE_BYTES - length);
                all = CompletableFuture.allOf(all, command(client, payloads, choice, at, length));
            }
            all.join();
        }
    }

    private static CompletableFuture<Void> command(
            NbdClient client, Arena payloads, Random choice, long at, int length) {
        return switch (choice.nextInt(8)) {
            case 0 -> client.trim(at, length, 0);
            case 1 -> client.writeZeroes(at, length, 0);
            default -> {
                MemorySegment payload = payloads.allocate(length);
                payload.fill((byte) choice.nextInt());
                yield client.write(at, payload, 0);
            }
        };
    }

    private void assertCopyIsEqual(NbdClient follower, int round) {
        MemorySegment space = arena.allocate(SIZE_BYTES);
        follower.read(0, space).join();
        assertThat(copy.mismatch(space))
                .as("first byte that was missed, round %d", round)
                .isEqualTo(-1);
    }
}
