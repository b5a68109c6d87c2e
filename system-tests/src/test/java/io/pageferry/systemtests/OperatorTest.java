package io.pageferry.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.server.PagingServerMain;
import io.pageferry.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The operator's command against a real server, each a process of its own; agents that speak the API stand in for real ones. */
class OperatorTest {
    private static final long SIZE_BYTES = 1 << 20;
    private static final String CONTROL = "control API on ";

    @TempDir
    private Path pool;

    private ChildJvm server;
    private String url;
    private AgentCalls a;
    private AgentCalls b;
    private ExecutorService heartbeat;

    @BeforeEach
    void start() throws Exception {
        server = ChildJvm.start(
                PagingServerMain.class,
                "--pool",
                pool.toString(),
                "--listen",
                "127.0.0.1:0",
                "--control",
                "127.0.0.1:0");
        String line = server.nextLine();
        while (!line.startsWith(CONTROL)) {
            line = server.nextLine();
        }
        url = line.substring(CONTROL.length());
        a = new AgentCalls(url, "a", "vm", "running", SIZE_BYTES);
        b = new AgentCalls(url, "b", "vm", "incoming", SIZE_BYTES);
        AgentCalls small = new AgentCalls(url, "small", "vm", "incoming", 4096);
        AgentCalls empty = new AgentCalls(url, "empty", "other", "incoming", SIZE_BYTES);
        AgentCalls large = new AgentCalls(url, "large", "vm", "incoming", 2 * SIZE_BYTES);
        heartbeat =
                Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().factory());
        List<Callable<String>> signsOfLife =
                List.of(() -> alive(a), () -> alive(b), () -> alive(small), () -> alive(large), () -> alive(empty));
        heartbeat.execute(() -> keepAlive(signsOfLife));
    }

    @AfterEach
    void stop() {
        heartbeat.shutdownNow();
        server.close();
    }

    @Test
    void everyWrongRequestIsOneClearLineAndChangesNothing() throws Exception {
        String before = everything();
        refused("there is no partition nobody", "migrate", "nobody", "--to", "b");
        refused("there is no agent nobody", "migrate", "vm", "--to", "nobody");
        refused("is too small for partition vm", "migrate", "vm", "--to", "small");
        refused("has no incoming program for partition vm", "migrate", "vm", "--to", "empty");
        refused("is on agent a already", "migrate", "vm", "--to", "a");
        refused("is not suspended", "resume", "vm", "--on", "b");
        refused("there is no migration m-9", "cancel", "m-9");
        refused("is too large for partition vm", "migrate", "vm", "--to", "large");
        refused("is not suspended", "resume", "vm", "--on", "b", "--force");
        refused("there is no partition nobody", "suspend", "nobody");
        refused("there is no partition nobody", "resume", "nobody", "--on", "b");
        refused("there is no migration m-9", "status", "m-9", "--watch");
        assertThat(everything()).isEqualTo(before);

        assertThat(pageferry("migrate", "vm", "--to", "b", "--detach").exitCode())
                .isZero();
        before = everything();
        refused("is already migrating (m-1, setup)", "migrate", "vm", "--to", "b");
        refused("is already migrating (m-1, setup)", "suspend", "vm");
        assertThat(everything()).isEqualTo(before);

        server.kill();
        refused("no paging server at " + url, "migrate", "vm", "--to", "b");
        refused("no paging server at " + url, "cancel", "m-1");
    }

    @Test
    void ofTwoMigrationsThatAreAskedForAtOnceOneBeginsAndTheOtherIsRefused() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<CliProcess> migrate = () -> pageferry("migrate", "vm", "--to", "b", "--detach");
            Future<CliProcess> one = threads.submit(migrate);
            Future<CliProcess> other = threads.submit(migrate);
            assertThat(List.of(one.get().exitCode(), other.get().exitCode())).containsExactlyInAnyOrder(0, 1);
            CliProcess refused = one.get().exitCode() == 1 ? one.get() : other.get();
            assertThat(refused.err().lines())
                    .singleElement()
                    .asString()
                    .startsWith("pageferry: partition vm is already migrating (m-1, setup)");
        }
    }

    @Test
    void aMigrationIsFollowedToItsEnd() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<CliProcess> command = threads.submit(() -> pageferry("migrate", "vm", "--to", "b", "--json"));
            String id = a.awaitWork(0);
            String token = a.leaseToken();
            a.says("source", id, "{\"state\":\"active\",\"progress\":{\"ram\":{\"transferred\":8192}}}");
            a.says("source", id, "{\"state\":\"pre-switchover\"}");
            a.commits(id, token);
            b.says("target", id, "{\"state\":\"resumed\"}");
            b.says("target", id, "{\"state\":\"completed\",\"progress\":{\"blocktime-ms\":2}}");

            CliProcess migrated = command.get();
            assertThat(migrated.exitCode()).as(migrated.err()).isZero();
            assertThat(migrated.err())
                    .as("no progress where there is no terminal")
                    .isEmpty();
            assertThat(migrated.out().lines())
                    .singleElement()
                    .asString()
                    .contains(
                            "\"status\":\"completed\"",
                            "\"transferred\":8192",
                            "\"blocktime-ms\":2",
                            "\"step\":\"committed\"");
            b.hosts("vm", "running", SIZE_BYTES);
            assertThat(pageferry("partitions").out()).containsPattern("vm +1 MiB +running +b +- +2 +-");
        }
    }

    @Test
    void aMigrationThatIsCancelledEndsTheCommandWithFailure() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<CliProcess> command = threads.submit(() -> pageferry("suspend", "vm"));
            String id = a.awaitWork(0);
            assertThat(pageferry("cancel", id).exitCode()).isZero();
            a.says("source", id, "{\"state\":\"cancelled\"}");

            assertThat(command.get().exitCode()).isEqualTo(1);
            assertThat(command.get().err()).isEqualTo("pageferry: " + id + " cancelled\n");
        }
    }

    private void refused(String words, String... arguments) throws Exception {
        CliProcess refused = pageferry(arguments);
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.out()).isEmpty();
        assertThat(refused.err().lines())
                .singleElement()
                .asString()
                .startsWith("pageferry: ")
                .contains(words);
    }

    private CliProcess pageferry(String... arguments) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--server=" + url);
        return CliProcess.run(all.toArray(String[]::new));
    }

    private String everything() throws Exception {
        return AgentCalls.send(url, "GET", "/v1/partitions", "", "")
                + AgentCalls.send(url, "GET", "/v1/migrations", "", "").replaceAll("\"total-time-ms\":\\d+", "")
                + AgentCalls.send(url, "GET", "/v1/spaces", "", "");
    }

    private static String alive(AgentCalls agent) throws Exception {
        return agent.work();
    }

    // A beat that fails means that the server was killed, which is what a test wants to see.
    private static void keepAlive(List<Callable<String>> signsOfLife) {
        try {
            while (true) {
                for (Callable<String> sign : signsOfLife) {
                    sign.call();
                }
                Thread.sleep(1000);
            }
        } catch (Exception | AssertionError ended) {
            System.out.println("no more signs of life: " + ended.getMessage());
        }
    }
}
