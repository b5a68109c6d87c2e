package io.pageferry.nbd.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.pageferry.testing.TestSeed;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The server is killed (kill -9) while the client works, and comes back, or does not. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class NbdReconnectTest {
    private static final int SIZE = 8 << 20;
    private static final int ROUNDS = 6;
    private static final int WRITES_A_ROUND = 400;

    @TempDir
    private Path folder;

    private Path backingFile() throws Exception {
        Path file = folder.resolve("disk.img");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(SIZE);
        }
        return file;
    }

    /** Overlapping writes of random lengths; each must end as if they had been carried out in order, however often sent. */
    @Test
    void writesUnderWayWhenTheServerIsKilledAreAllThereAndInOrderWhenItIsBack() throws Exception {
        Random random = TestSeed.random(NbdReconnectTest.class);
        Path file = backingFile();
        try (NbdPeer peer = NbdPeer.nbdkit(folder, "file", file.toString());
                NbdClient client = NbdClient.connect(peer.uri(), NbdClientOptions.DEFAULT.withInFlight(64, 4 << 20));
                ExecutorService killer = Executors.newSingleThreadExecutor();
                Arena arena = Arena.ofShared()) {
            MemorySegment model = arena.allocate(SIZE);
            MemorySegment payloads = arena.allocate((long) WRITES_A_ROUND << 16);
            for (int round = 0; round < ROUNDS; round++) {
                Future<?> killed = killer.submit(() -> killAndRestart(peer));
                List<CompletableFuture<?>> writes = new ArrayList<>();
                for (int i = 0; i < WRITES_A_ROUND; i++) {
                    int length = 1 + random.nextInt(1 << 16);
                    long offset = random.nextInt(SIZE - length + 1);
                    MemorySegment payload = payloads.asSlice((long) i << 16, length);
                    payload.fill((byte) random.nextInt());
                    MemorySegment.copy(payload, 0, model, offset, length);
                    writes.add(client.write(offset, payload, 0));
                }
                CompletableFuture.allOf(writes.toArray(CompletableFuture[]::new))
                        .join();
                killed.get();
                assertThat(contentOf(client, arena).mismatch(model)).isEqualTo(-1);
            }
            flushWithRewrites(client, model);
            byte[] onDisk = Files.readAllBytes(file);
            assertThat(MemorySegment.ofArray(onDisk).mismatch(model)).isEqualTo(-1);
        }
    }

    private static void killAndRestart(NbdPeer peer) {
        try {
            Thread.sleep(ThreadLocalRandom.current().nextInt(60));
            peer.kill();
            peer.restart();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static MemorySegment contentOf(NbdClient client, Arena arena) {
        MemorySegment content = arena.allocate(SIZE);
        client.read(0, content).join();
        return content;
    }

    /** What a caller does whose server was lost: writes again what the flush names. */
    private static void flushWithRewrites(NbdClient client, MemorySegment model) {
        while (true) {
            try {
                client.flush().join();
                return;
            } catch (CompletionException e) {
                if (!(e.getCause() instanceof NbdUnflushedWritesException unflushed)) {
                    throw e;
                }
                for (ByteRange range : unflushed.ranges()) {
                    client.write(range.offset(), model.asSlice(range.offset(), range.lengthBytes()), 0)
                            .join();
                }
            }
        }
    }

    @Test
    void aFlushNamesWhatARestartedServerMayHaveForgottenAndSucceedsOnceThatIsWrittenAgain() throws Exception {
        try (NbdPeer peer = NbdPeer.nbdkit(folder, "file", backingFile().toString());
                NbdClient client = NbdClient.connect(peer.uri(), NbdClientOptions.DEFAULT);
                Arena arena = Arena.ofShared()) {
            MemorySegment page = arena.allocate(4096);
            client.write(0, page, 0).join();
            client.flush().join();
            client.write(8192, page, 0).join();
            peer.kill();
            peer.restart();
            client.read(0, page).join();
            assertThatThrownBy(() -> client.flush().join())
                    .cause()
                    .asInstanceOf(type(NbdUnflushedWritesException.class))
                    .satisfies(e -> assertThat(e.ranges()).containsExactly(new ByteRange(8192, 4096)));
            flushWithRewrites(client, arena.allocate(SIZE));
        }
    }

    @Test
    void readsUnderWayAreAnsweredByTheServerThatCameBack() throws Exception {
        Path file = backingFile();
        byte[] content = new byte[SIZE];
        new Random(1).nextBytes(content);
        Files.write(file, content);
        try (NbdPeer peer = NbdPeer.nbdkit(folder, "--filter=delay", "file", file.toString(), "delay-read=30ms");
                NbdClient client = NbdClient.connect(peer.uri(), NbdClientOptions.DEFAULT);
                Arena arena = Arena.ofShared()) {
            MemorySegment read = arena.allocate(SIZE);
            PageReader pages = new PageReader(client, 4096, PageMemory.whole(read, 4096), PageListener.NONE);
            for (int page = 0; page < SIZE / 4096; page += 2) {
                pages.page(page); // no two are neighbours, so each is a request
                if (page == 200) {
                    peer.kill();
                    peer.restart();
                }
            }
            for (int page = 1; page < SIZE / 4096; page += 2) {
                pages.page(page);
            }
            pages.finish().join();
            assertThat(read.mismatch(MemorySegment.ofArray(content))).isEqualTo(-1);
        }
    }

    @Test
    void aServerThatStaysAwayIsUnreachableAfterTheLimit() throws Exception {
        NbdClientOptions options = NbdClientOptions.DEFAULT.withTimeLimits(
                Duration.ofSeconds(10), Duration.ofMillis(300), Duration.ofSeconds(60));
        try (NbdPeer peer = NbdPeer.nbdkit(folder, "memory", "8M");
                NbdClient client = NbdClient.connect(peer.uri(), options);
                Arena arena = Arena.ofShared()) {
            peer.kill();
            var write = client.write(0, arena.allocate(4096), 0);
            assertThatThrownBy(write::join)
                    .hasCauseInstanceOf(NbdUnreachableException.class)
                    .hasMessageContaining("did not come back within 300 ms");
            assertThatThrownBy(() -> client.flush().join()).hasCauseInstanceOf(NbdUnreachableException.class);
        }
    }

    @Test
    void anExportOfAnotherSizeIsNotTheOneThatWasLost() throws Exception {
        Path file = backingFile();
        try (NbdPeer peer = NbdPeer.nbdkit(folder, "file", file.toString());
                NbdClient client = NbdClient.connect(peer.uri(), NbdClientOptions.DEFAULT);
                Arena arena = Arena.ofShared()) {
            peer.kill();
            Files.write(file, new byte[4096]);
            peer.restart();
            var read = client.read(0, arena.allocate(4096));
            assertThatThrownBy(read::join)
                    .hasCauseInstanceOf(NbdProtocolException.class)
                    .hasMessageContaining("another export");
        }
    }

    @Test
    void aServerThatIsNotThereIsToldAtOnce() {
        assertThatThrownBy(() ->
                        NbdClient.connect(NbdUri.unix(folder.resolve("nothing.sock"), ""), NbdClientOptions.DEFAULT))
                .isInstanceOf(NbdUnreachableException.class)
                .hasMessageContaining("is the server running");
    }
}
