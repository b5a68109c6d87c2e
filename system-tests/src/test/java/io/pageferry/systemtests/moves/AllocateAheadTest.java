package io.pageferry.systemtests.moves;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pageferry.testing.ChildJvm;
import io.pageferry.testing.TestSeed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Agents allocate the memory of programs that wait. Invariant: what was allocated and not filled is never seen in place of what is
 * still to come, though it is there and full of zeroes.
 */
class AllocateAheadTest {
    private static final long MEMORY_BYTES = 64 << 20;
    private static final int WRITERS = 4;

    @Test
    void whatIsNotFetchedBeforeTheResumeIsDroppedAndServed() throws Exception {
        long seed = TestSeed.choose(AllocateAheadTest.class);
        try (Cluster cluster =
                Cluster.start("64M", "--allocate-ahead", "--no-prefetch", "--max-postcopy-bandwidth=16M")) {
            cluster.startAgents("a", "b");
            cluster.startStore("a");
            int gateway = cluster.startGateway();
            Ballast ballast = new Ballast(gateway, seed);
            ballast.fill(32 << 20);
            try (Load load = Load.start(gateway, WRITERS, seed)) {
                load.awaitOperations(20);
                for (String target : List.of("b", "a")) {
                    awaitAllocated(cluster.startTwin(target));
                    cluster.operator().awaitIncoming(target);
                    String id = cluster.operator().migrate(target);
                    cluster.operator().awaitRunningOn(target);
                    ballast.verify();
                    JsonNode done = cluster.operator().await(id, "completed");
                    assertThat(Figures.of(done.path("target-progress"), "pages-missing-at-resume"))
                            .as("pages that were dropped")
                            .isGreaterThan((32 << 20) / 4096);
                    load.awaitOperations(20);
                    assertThat(load.failures()).isEmpty();
                }
                load.verify();
            }
            ballast.verify();
        }
    }

    @Test
    void anAgentThatDiesLeavesNothingThatTheNextOneTakesForContent() throws Exception {
        long seed = TestSeed.choose(AllocateAheadTest.class);
        try (Cluster cluster = Cluster.startDirect("64M", "--allocate-ahead")) {
            cluster.startAgents("a", "b");
            cluster.startStore("a");
            int gateway = cluster.startGateway();
            Ballast ballast = new Ballast(gateway, seed);
            ballast.fill(32 << 20);
            Operator operator = cluster.operator();
            try (Load load = Load.start(gateway, WRITERS, seed)) {
                ChildJvm twin = cluster.startTwin("b");
                awaitAllocated(twin);
                operator.awaitIncoming("b");
                // First while its memory is allocated and waits, then in the middle of an arrival.
                cluster.killAgent("b");
                cluster.startAgents("b");
                operator.awaitIncoming("b");
                awaitAllocated(twin);
                String cut = operator.migrate("b");
                operator.awaitStep(cut, "prefetch");
                cluster.killAgent("b");
                cluster.startAgents("b");
                if (operator.await(cut, "completed", "failed", "cancelled")
                        .path("status")
                        .asString()
                        .equals("failed")) {
                    operator.awaitIncoming("b");
                    operator.await(operator.migrate("b"), "completed");
                }
                operator.awaitRunningOn("b");
                load.awaitOperations(20);
                load.verify();
            }
            ballast.verify();
        }
    }

    @Test
    void aProgramBeginsInMemoryThatIsAllocatedAndReadsZeroesThere() throws Exception {
        long seed = TestSeed.choose(AllocateAheadTest.class);
        try (Cluster cluster = Cluster.start("64M", "--allocate-ahead")) {
            cluster.startAgents("a", "b");
            awaitAllocated(cluster.startStore("a"));
            int gateway = cluster.startGateway();
            Ballast ballast = new Ballast(gateway, seed);
            ballast.fill(16 << 20);
            awaitAllocated(cluster.startTwin("b"));
            Operator operator = cluster.operator();
            operator.awaitIncoming("b");
            JsonNode done = operator.await(operator.migrate("b"), "completed");
            assertThat(Figures.of(done.path("source-progress"), "transferred"))
                    .as("of what holds zeroes nothing is sent")
                    .isLessThan(48L << 20);
            ballast.verify();
        }
    }

    @Test
    void aMigrationThatIsOrderedWhileAProgramsMemoryIsAllocatedWaitsUntilItRuns() throws Exception {
        long seed = TestSeed.choose(AllocateAheadTest.class);
        try (Cluster cluster = Cluster.start("1G", "--allocate-ahead")) {
            cluster.startAgents("a", "b");
            Operator operator = cluster.operator();
            cluster.startTwin("b");
            operator.awaitIncoming("b");
            cluster.startStoreUnawaited("a", "1G");
            operator.awaitHosted("a", "new");
            operator.awaitPartition(now -> now.path("agent").asString().equals("a"));
            String id = operator.migrate("b");
            operator.await(id, "completed");
            operator.awaitRunningOn("b");
            Ballast ballast = new Ballast(cluster.startGateway(), seed);
            ballast.fill(1 << 20);
            ballast.verify();
        }
    }

    /** Waits until the memory of a store has a frame for every whole extent. */
    private static void awaitAllocated(ChildJvm store) {
        await().atMost(Duration.ofSeconds(60)).until(() -> allocatedBytes(store.pid()) >= MEMORY_BYTES);
    }

    private static long allocatedBytes(long processId) throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + processId + "/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                if (Files.readSymbolicLink(descriptor).toString().startsWith("/memfd:pageferry:store")) {
                    Process stat = new ProcessBuilder("stat", "-L", "-c", "%b", descriptor.toString()).start();
                    String blocks = new String(stat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
                    return Long.parseLong(blocks.strip()) * 512;
                }
            }
        }
        return 0;
    }
}
