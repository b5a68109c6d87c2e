package io.pageferry.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketTest {
    @TempDir
    private Path folder;

    @Test
    void bytesAndDescriptorsArriveAndTheDescriptorsAreTheSameFiles() {
        try (Pair pair = Pair.connect(folder.resolve("s"));
                Descriptor memory = FileCalls.memfd("sent", 12345)) {
            pair.client.send("hello".getBytes(StandardCharsets.US_ASCII), List.of(memory, memory));

            byte[] into = new byte[100];
            List<Descriptor> received = new ArrayList<>();
            int length = pair.server.receive(into, received);
            assertThat(new String(into, 0, length, StandardCharsets.US_ASCII)).isEqualTo("hello");
            assertThat(received).hasSize(2).allMatch(one -> FileCalls.size(one) == 12345);
            received.forEach(Descriptor::close);
        }
    }

    @Test
    void anEndIsToldOnceThePeerHasClosed() {
        try (Pair pair = Pair.connect(folder.resolve("s"))) {
            pair.client.close();
            assertThat(pair.server.receive(new byte[1], new ArrayList<>())).isEqualTo(-1);
            assertThatThrownBy(() -> pair.server.send(new byte[1], List.of()))
                    .isInstanceOfSatisfying(
                            LinuxException.class,
                            failure -> assertThat(failure.errno()).isEqualTo(Errno.EPIPE));
        }
    }

    @Test
    void thePeersCredentialsAreItsOwn() {
        try (Pair pair = Pair.connect(folder.resolve("s"))) {
            assertThat(pair.server.peer().processId())
                    .isEqualTo((int) ProcessHandle.current().pid());
            assertThat(pair.server.peer().userId()).isEqualTo(PeerCredentials.ownUserId());
        }
    }

    @Test
    void theSocketIsForItsOwnerAloneAndGoesWithItsListener() throws Exception {
        Path path = folder.resolve("s");
        try (UnixListener listener = UnixListener.bind(path)) {
            assertThat((int) Files.getAttribute(path, "unix:mode") & 0777).isEqualTo(0600);
            listener.stop();
            assertThat(listener.accept()).isEmpty();
        }
        assertThat(path).doesNotExist();
    }

    @Test
    void aSocketThatSomebodyServesIsLeftToHim() {
        Path path = folder.resolve("s");
        try (UnixListener listener = UnixListener.bind(path)) {
            assertThatThrownBy(() -> UnixListener.bind(path)).hasMessageContaining("another process listens there");
            assertThat(listener.accept())
                    .as("the question whether somebody is there")
                    .isPresent();
        }
    }

    @Test
    void aStaleSocketIsReplacedAndAPlainFileIsNot() throws Exception {
        Path path = folder.resolve("s");
        UnixListener dead = UnixListener.bind(path);
        Path kept = folder.resolve("kept");
        Files.move(path, kept);
        dead.close();
        try (UnixListener listener = UnixListener.bind(kept)) {
            assertThat(listener).isNotNull();
        }

        Files.writeString(path, "data");
        assertThatThrownBy(() -> UnixListener.bind(path)).hasMessageContaining("a file that is no socket is there");
        assertThat(path).hasContent("data");
    }

    @Test
    void aListenerLeavesTheSocketOfAnotherAlone() throws Exception {
        Path path = folder.resolve("s");
        UnixListener first = UnixListener.bind(path);
        Files.delete(path);
        try (UnixListener second = UnixListener.bind(path)) {
            first.close();
            assertThat(path).exists();
            assertThat(second).isNotNull();
        }
    }

    @Test
    void aPathThatIsTooLongOrServedByNobodySaysSo() {
        Path tooLong = folder.resolve("x".repeat(108));
        assertThatThrownBy(() -> UnixListener.bind(tooLong)).hasMessageContaining("must have 1 to 107 bytes");
        assertThatThrownBy(() -> UnixSocket.connect(folder.resolve("absent")))
                .hasMessageContaining("cannot connect to");
    }

    private record Pair(UnixListener listener, UnixSocket client, UnixSocket server) implements AutoCloseable {
        static Pair connect(Path path) {
            UnixListener listener = UnixListener.bind(path);
            UnixSocket client = UnixSocket.connect(path);
            return new Pair(listener, client, listener.accept().orElseThrow());
        }

        @Override
        public void close() {
            client.close();
            server.close();
            listener.close();
        }
    }
}
