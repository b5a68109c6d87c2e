package io.pageferry.agent.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pageferry.agent.control.ControlClient;
import io.pageferry.testing.TestSeed;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The gateway between real sockets: whole requests, in order, each answered once, wherever the partition is. */
class GatewayTest {
    private ScriptedPartition partition;
    private ScriptedStore source;
    private ScriptedStore target;
    private Gateway gateway;
    private int port;

    @BeforeEach
    void start() throws Exception {
        partition = new ScriptedPartition();
        source = ScriptedStore.echoing();
        target = ScriptedStore.echoing();
        partition.is("running", 1, source.port());
        gateway = new Gateway(new ControlClient(partition.url()), "store", Duration.ofSeconds(20));
        port = gateway.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .getPort();
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
        source.close();
        target.close();
        partition.close();
    }

    @Test
    void pipelinedRequestsAreAnsweredOnceAndInOrderHoweverTheyAreCut() throws Exception {
        Random random = TestSeed.random(GatewayTest.class);
        List<String> words = new ArrayList<>();
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            // Line ends and type bytes within values, an empty value now and then, and some that exceed every buffer.
            int size = i % 60 == 0 ? 300_000 : random.nextInt(40);
            StringBuilder word = new StringBuilder();
            for (int at = 0; at < size; at++) word.append("\r\n$*+0a\u00ff".charAt(random.nextInt(8)));
            words.add(word.toString());
            all.append(request("SET", "key", word.toString()));
            // Neither of these gets an answer.
            if (i % 7 == 0) all.append(random.nextBoolean() ? "\r\n" : "*0\r\n");
        }
        byte[] bytes = latin(all.toString());
        try (Socket client = connect()) {
            Thread.ofVirtual().start(() -> cut(client, bytes, random));
            DataInputStream in = new DataInputStream(client.getInputStream());
            for (String word : words) assertThat(bulk(in)).isEqualTo(word);
        }
        assertThat(source.asked()).isEqualTo(words);
    }

    @Test
    void requestsHeldAtAHandOverGoToTheTargetInOrder() throws Exception {
        try (Socket client = connect()) {
            DataInputStream in = new DataInputStream(client.getInputStream());
            send(client, request("ECHO", "0"));
            assertThat(bulk(in)).isEqualTo("0");
            partition.is("switching", 1, source.port());
            await().until(() -> gateway.view().state() == PartitionView.State.SWITCHING);
            for (int i = 1; i <= 50; i++) send(client, request("ECHO", Integer.toString(i)));
            Thread.sleep(100);
            assertThat(source.asked()).containsExactly("0");
            source.depart();
            partition.is("running", 2, target.port());
            for (int i = 1; i <= 50; i++) assertThat(bulk(in)).isEqualTo(Integer.toString(i));
            assertThat(source.asked()).containsExactly("0");
        }
    }

    @Test
    void whatTheSourceLeavesUnansweredIsCarriedOutByTheTargetAndNothingElse() throws Exception {
        try (ScriptedStore quiesces = new ScriptedStore(
                        words -> words.getLast().compareTo("5") < 0 ? ScriptedStore.bulk(words.getLast()) : null);
                Socket client = connect()) {
            partition.is("running", 1, quiesces.port());
            awaitEndpoint(quiesces);
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < 10; i++) all.append(request("ECHO", Integer.toString(i)));
            send(client, all.toString());
            DataInputStream in = new DataInputStream(client.getInputStream());
            for (int i = 0; i < 5; i++) assertThat(bulk(in)).isEqualTo(Integer.toString(i));
            quiesces.depart();
            partition.is("running", 2, target.port());
            for (int i = 5; i < 10; i++) assertThat(bulk(in)).isEqualTo(Integer.toString(i));
            assertThat(target.asked()).containsExactly("5", "6", "7", "8", "9");
        }
    }

    @Test
    void aClientThatNeverReadsIsReadNoFurther() throws Exception {
        byte[] large = ScriptedStore.bulk("x".repeat(1 << 20));
        try (ScriptedStore generous = new ScriptedStore(words -> large);
                Socket client = connect()) {
            partition.is("running", 1, generous.port());
            awaitEndpoint(generous);
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < 400; i++) all.append(request("GET", Integer.toString(i)));
            send(client, all.toString());
            await().during(Duration.ofSeconds(1)).atMost(Duration.ofSeconds(20)).until(() -> {
                long before = generous.answeredBytes();
                Thread.sleep(200);
                return generous.answeredBytes() == before;
            });
            assertThat(generous.answeredBytes())
                    .as("bytes of replies taken for a client that takes none, of 400 MiB")
                    .isLessThan(64 << 20);
            DataInputStream in = new DataInputStream(client.getInputStream());
            for (int i = 0; i < 400; i++) assertThat(bulk(in)).hasSize(1 << 20);
        }
    }

    @Test
    void aBackendThatIsLostWithoutAHandOverGivesAClearErrorAndTheNextRequestWorks() throws Exception {
        try (ScriptedStore silent = new ScriptedStore(words -> null);
                Socket client = connect()) {
            partition.is("running", 1, silent.port());
            awaitEndpoint(silent);
            send(client, request("INCR", "n"));
            await().until(() -> silent.asked().size() == 1);
            silent.die();
            DataInputStream in = new DataInputStream(client.getInputStream());
            assertThat(line(in))
                    .isEqualTo(
                            "-ERR the connection to partition store was lost; whether the command was carried out is not known");
            partition.is("running", 1, source.port());
            send(client, request("ECHO", "again"));
            assertThat(bulk(in)).isEqualTo("again");
        }
    }

    @Test
    void aPartitionWhoseAgentIsSilentIsServedAsLongAsItsProgramIsThere() throws Exception {
        try (Socket client = connect()) {
            partition.is("lost", 1, source.port());
            await().until(() -> gateway.view().state() == PartitionView.State.LOST);
            send(client, request("ECHO", "1"));
            DataInputStream in = new DataInputStream(client.getInputStream());
            assertThat(bulk(in)).isEqualTo("1");
            source.die();
            send(client, request("ECHO", "2"));
            assertThat(line(in)).startsWith("-ERR ").contains("lost");
        }
    }

    @Test
    void onlyAGreetingIsGivenAgainOnANewConnection() throws Exception {
        try (Socket client = connect()) {
            DataInputStream in = new DataInputStream(client.getInputStream());
            send(client, request("HELLO", "2") + "SET HELLO 1\r\n");
            assertThat(bulk(in)).isEqualTo("2");
            assertThat(bulk(in)).isEqualTo("1");
            source.depart();
            partition.is("running", 2, target.port());
            await().until(() -> gateway.view().epoch() == 2);
            send(client, request("ECHO", "3"));
            assertThat(bulk(in)).isEqualTo("3");
            assertThat(target.asked()).containsExactly("2", "3");
        }
    }

    private void awaitEndpoint(ScriptedStore store) {
        await().until(() -> gateway.view().endpoint().stream().anyMatch(place -> place.getPort() == store.port()));
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(30_000);
        return socket;
    }

    private static void cut(Socket client, byte[] bytes, Random random) {
        try {
            OutputStream out = client.getOutputStream();
            for (int at = 0; at < bytes.length; ) {
                int size = Math.min(bytes.length - at, random.nextInt(20) == 0 ? 100_000 : 1 + random.nextInt(9));
                out.write(bytes, at, size);
                at += size;
                if (random.nextInt(50) == 0) Thread.sleep(1);
            }
        } catch (IOException | InterruptedException ended) {
            System.out.println("the client's sending ended: " + ended);
        }
    }

    private static void send(Socket client, String text) throws IOException {
        client.getOutputStream().write(latin(text));
    }

    private static String request(String... words) {
        StringBuilder request = new StringBuilder("*" + words.length + "\r\n");
        Arrays.stream(words)
                .forEach(word -> request.append(new String(ScriptedStore.bulk(word), StandardCharsets.ISO_8859_1)));
        return request.toString();
    }

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String bulk(DataInputStream in) throws IOException {
        String head = line(in);
        assertThat(head).startsWith("$");
        byte[] value = new byte[Integer.parseInt(head.substring(1))];
        in.readFully(value);
        line(in);
        return new String(value, StandardCharsets.ISO_8859_1);
    }

    private static String line(DataInputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.readUnsignedByte(); next != '\n'; next = in.readUnsignedByte()) {
            if (next != '\r') line.append((char) next);
        }
        return line.toString();
    }
}
