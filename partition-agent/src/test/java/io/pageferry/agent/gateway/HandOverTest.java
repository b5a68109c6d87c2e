package io.pageferry.agent.gateway;

import static io.pageferry.agent.gateway.RespClient.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pageferry.agent.control.ControlClient;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is carried out once is never carried out again, however a source ends; and where nobody can know, that is said. */
class HandOverTest {
    private static final int REQUESTS = 400;
    private static final String NOT_KNOWN = "whether the command was carried out is not known";

    private final AtomicLong counter = new AtomicLong();
    private final AtomicBoolean atRest = new AtomicBoolean();
    private final List<String> onTarget = new CopyOnWriteArrayList<>();
    private ScriptedPartition partition;
    private ScriptedStore target;
    private Gateway gateway;
    private int port;

    @BeforeEach
    void start() throws Exception {
        partition = new ScriptedPartition();
        target = new ScriptedStore(words -> {
            onTarget.add(String.join(" ", words));
            return perform(words);
        });
        startGateway(Duration.ofSeconds(20));
    }

    private void startGateway(Duration patience) throws Exception {
        gateway = new Gateway(new ControlClient(partition.url()), "store", patience);
        port = gateway.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .getPort();
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
        target.close();
        partition.close();
    }

    @Test
    void whatAClientThatDoesNotReadHasAskedForIsCarriedOutOnceAcrossAHandOver() throws Exception {
        String padding = " ".repeat(100_000);
        try (ScriptedStore source = new ScriptedStore(
                        words -> atRest.get() ? null : ScriptedStore.bulk(counter.incrementAndGet() + padding));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                RespClient client = RespClient.small(port)) {
            runsOn(source);
            client.send(request("INCR", "n").repeat(REQUESTS));
            awaitStandstill(source);
            assertThat(counter.get())
                    .as("the source waits for its replies to be read")
                    .isLessThan(REQUESTS);

            atRest.set(true);
            partition.is("switching", 1, source.port());
            Future<?> departure = threads.submit(() -> {
                source.departPatiently(Duration.ofSeconds(10));
                return null;
            });
            partition.is("running", 2, target.port());
            departure.get();

            long expected = 0;
            for (int i = 0; i < REQUESTS; i++) {
                assertThat(client.reply().strip()).isEqualTo(Long.toString(++expected));
            }
            assertThat(counter.get()).isEqualTo(REQUESTS);
        }
    }

    @Test
    void afterASourceThatWasCutOffNothingIsSentAgain() throws Exception {
        // It carries out and answers nothing: as if the replies were lost with the connection.
        try (ScriptedStore source = new ScriptedStore(words -> unheard());
                RespClient client = RespClient.connect(port)) {
            runsOn(source);
            client.send(request("INCR", "n").repeat(10));
            await().until(() -> counter.get() == 10);
            partition.is("running", 2, target.port());
            await().until(() -> gateway.view().epoch() == 2);
            client.send(request("INCR", "n"));
            source.cut();
            for (int i = 0; i < 10; i++)
                assertThat(client.reply()).startsWith("-ERR ").endsWith(NOT_KNOWN);
            assertThat(client.reply()).as("what was held meanwhile").isEqualTo("11");
            assertThat(onTarget).hasSize(1);
        }
    }

    @Test
    void aStreamThatEndsWithinAReplyTellsNothingOfWhatFollows() throws Exception {
        try (ScriptedStore source = new ScriptedStore(words -> counter.incrementAndGet() == 2
                        ? "$1000\r\nhalf".getBytes(StandardCharsets.US_ASCII)
                        : counter.get() == 1 ? ScriptedStore.bulk("1") : null);
                RespClient client = RespClient.connect(port)) {
            runsOn(source);
            client.send(request("INCR", "n").repeat(3));
            assertThat(client.reply()).isEqualTo("1");
            await().until(() -> source.asked().size() == 3);
            partition.is("running", 2, target.port());
            source.depart();
            assertThat(client.reply()).startsWith("-ERR ").endsWith(NOT_KNOWN);
            assertThat(client.reply()).startsWith("-ERR ").endsWith(NOT_KNOWN);
            assertThat(onTarget).isEmpty();
        }
    }

    @Test
    void whatASourceAtRestHasIsNotKnownWhenPatienceRunsOutAndWhatIsHeldWasNotCarriedOut() throws Exception {
        gateway.close();
        startGateway(Duration.ofMillis(500));
        try (ScriptedStore source = new ScriptedStore(words -> unheard());
                RespClient client = RespClient.connect(port);
                RespClient other = RespClient.connect(port)) {
            runsOn(source);
            client.send(request("INCR", "n"));
            await().until(() -> counter.get() == 1);
            partition.is("switching", 1, source.port());
            await().until(() -> gateway.view().state() == PartitionView.State.SWITCHING);
            other.send(request("INCR", "n"));
            assertThat(client.reply()).isEqualTo("-ERR partition store does not answer; " + NOT_KNOWN);
            assertThat(other.reply()).isEqualTo("-ERR partition store does not answer");
        }
    }

    @Test
    void aProgramAtTheSamePlaceAfterAHandOverGetsConnectionsOfItsOwn() throws Exception {
        try (ScriptedStore before = new ScriptedStore(this::carryOut);
                RespClient client = RespClient.connect(port)) {
            runsOn(before);
            client.send(request("INCR", "n"));
            assertThat(client.reply()).isEqualTo("1");
            before.stopListening();
            try (ScriptedStore after = at(before.port())) {
                partition.is("suspended", 2, 0);
                await().until(() -> gateway.view().epoch() == 2);
                partition.is("running", 3, after.port());
                await().until(() -> gateway.view().epoch() == 3);
                client.send(request("INCR", "n"));
                assertThat(client.reply()).isEqualTo("2");
                assertThat(before.asked()).hasSize(1);
            }
        }
    }

    @Test
    void aNewConnectionBeginsWithWhatWasAgreedOnAndNotWithWhatWasRefused() throws Exception {
        try (ScriptedStore source = new ScriptedStore(this::carryOut);
                RespClient client = RespClient.connect(port)) {
            runsOn(source);
            client.send(request("HELLO", "3", "SETNAME", "first") + request("hello", "4") + request("HELLO")
                    + "client setname second\r\n");
            for (int i = 0; i < 4; i++) assertThat(client.reply()).isEqualTo(i == 1 ? "-NOPROTO" : "+OK");
            departTo(source);
            client.send(request("INCR", "n"));
            assertThat(client.reply()).isEqualTo("1");
            assertThat(onTarget).containsExactly("HELLO 3 SETNAME first", "client setname second", "INCR n");
        }
    }

    @Test
    void whatWasAskedForBeforeAGreetingIsAnsweredAsBeforeIt() throws Exception {
        try (ScriptedStore source = new ScriptedStore(this::carryOut);
                RespClient client = RespClient.connect(port)) {
            runsOn(source);
            client.send(request("INCR", "n"));
            assertThat(client.reply()).isEqualTo("1");
            atRest.set(true);
            client.send(request("INCR", "n") + request("HELLO", "3"));
            await().until(() -> source.asked().size() == 3);
            departTo(source);
            assertThat(client.reply()).isEqualTo("2");
            assertThat(client.reply()).isEqualTo("+OK");
            assertThat(onTarget).containsExactly("INCR n", "HELLO 3");
        }
    }

    @Test
    void quitEndsTheConnectionBehindItsReplyAndWhatFollowsItIsNotCarriedOut() throws Exception {
        try (RespClient client = RespClient.connect(port)) {
            runsOn(target);
            client.send(request("INCR", "n") + request("QUIT") + request("INCR", "n"));
            assertThat(client.reply()).isEqualTo("1");
            assertThat(client.reply()).isEqualTo("+OK");
            assertThat(client.isEnded()).isTrue();
            assertThat(counter.get()).isEqualTo(1);
        }
    }

    @Test
    void clientsOfAPartitionThatIsNotThereAreToldSoAndServedOnceItIs() throws Exception {
        try (RespClient client = RespClient.connect(port)) {
            client.send(request("INCR", "n"));
            assertThat(client.reply()).isEqualTo("-ERR there is no partition store");
            runsOn(target);
            client.send(request("INCR", "n"));
            assertThat(client.reply()).isEqualTo("1");
        }
    }

    /** The system takes a moment to give a port free. */
    private ScriptedStore at(int place) {
        return await().ignoreExceptionsInstanceOf(BindException.class)
                .until(() -> new ScriptedStore(this::carryOut, place), started -> true);
    }

    private byte @Nullable [] unheard() {
        counter.incrementAndGet();
        return null;
    }

    /** As the source does: once at rest, nothing. */
    private byte @Nullable [] carryOut(List<String> words) {
        return atRest.get() ? null : perform(words);
    }

    private byte[] perform(List<String> words) {
        if (words.getFirst().equals("INCR")) return ScriptedStore.bulk(Long.toString(counter.incrementAndGet()));
        return (words.getLast().equals("4") ? "-NOPROTO\r\n" : "+OK\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    private void runsOn(ScriptedStore store) {
        partition.is("running", 1, store.port());
        await().until(() -> gateway.view().endpoint().stream().anyMatch(place -> place.getPort() == store.port()));
    }

    private void departTo(ScriptedStore source) throws Exception {
        partition.is("switching", 1, source.port());
        source.depart();
        partition.is("running", 2, target.port());
        await().until(() -> gateway.view().epoch() == 2);
    }

    private static void awaitStandstill(ScriptedStore store) {
        await().during(Duration.ofSeconds(1)).atMost(Duration.ofSeconds(20)).until(() -> {
            long before = store.answeredBytes();
            Thread.sleep(200);
            return before > 0 && store.answeredBytes() == before;
        });
    }
}
