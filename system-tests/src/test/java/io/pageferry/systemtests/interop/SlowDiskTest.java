package io.pageferry.systemtests.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.nbd.client.NbdClient;
import io.pageferry.nbd.client.NbdClientOptions;
import io.pageferry.testing.TestSeed;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A pool on a disk that stops answering: only those wait who need the disk. */
class SlowDiskTest {
    private static final int MIB = 1 << 20;
    private static final int SIZE_BYTES = 64 * MIB;
    /** Far enough from the cached pages that reading ahead of those does not reach it. */
    private static final int UNCACHED_AT = 48 * MIB;

    private static final int CACHED_BYTES = 4 * MIB;
    private static final int CACHED_READS = 1000;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment content = arena.allocate(SIZE_BYTES);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private Random random;

    @SuppressWarnings("NullAway.Init")
    private SlowDisk disk;

    @SuppressWarnings("NullAway.Init")
    private ServerProcess server;

    @BeforeEach
    void start() throws Exception {
        random = TestSeed.random(SlowDiskTest.class);
        for (long at = 0; at < SIZE_BYTES; at += Long.BYTES) {
            content.set(java.lang.foreign.ValueLayout.JAVA_LONG, at, random.nextLong());
        }
        disk = SlowDisk.start(folder, "256M");
        server = ServerProcess.onPool("slow", disk.root().resolve("pool"));
        server.create("slow", SIZE_BYTES);
        try (NbdClient client = connect()) {
            client.write(0, content.asSlice(0, SIZE_BYTES / 2), 0).join();
            client.write(SIZE_BYTES / 2, content.asSlice(SIZE_BYTES / 2), 0).join();
            client.flush().join();
        }
        server.kill();
        disk.dropCaches();
        server.restart();
    }

    @AfterEach
    void stop() throws Exception {
        disk.resume();
        server.close();
        disk.close();
        arena.close();
    }

    private NbdClient connect() throws Exception {
        return NbdClient.connect(server.uri("slow"), NbdClientOptions.DEFAULT.withConnections(1, false));
    }

    private void readCached(NbdClient client) throws Exception {
        MemorySegment page = arena.allocate(4096);
        for (int i = 0; i < CACHED_READS; i++) {
            long at = random.nextInt(CACHED_BYTES / 4096) * 4096L;
            client.read(at, page).get(1, TimeUnit.MINUTES);
            assertThat(page.mismatch(content.asSlice(at, 4096))).isEqualTo(-1);
        }
    }

    @Test
    void readsThatMissThePageCacheStallNobodyWhoseReadsHitIt() throws Exception {
        try (NbdClient hits = connect();
                NbdClient misses = connect()) {
            hits.read(0, arena.allocate(CACHED_BYTES)).join();
            disk.pause();
            MemorySegment late = arena.allocate(MIB);
            CompletableFuture<Void> waiting = misses.read(UNCACHED_AT, late);
            MemorySegment early = arena.allocate(4096);
            CompletableFuture<Void> overtaking = misses.read(0, early);

            readCached(hits);
            overtaking.get(1, TimeUnit.MINUTES); // on the very connection whose other read waits

            assertThat(waiting).isNotDone();
            disk.resume();
            waiting.get(1, TimeUnit.MINUTES);
            assertThat(late.mismatch(content.asSlice(UNCACHED_AT, MIB))).isEqualTo(-1);
        }
    }

    @Test
    void aFlushThatWaitsForTheDiskStallsNoReads() throws Exception {
        try (NbdClient hits = connect();
                NbdClient flushes = connect()) {
            hits.read(0, arena.allocate(CACHED_BYTES)).join();
            flushes.write(CACHED_BYTES, content.asSlice(CACHED_BYTES, MIB), 0).join();
            disk.pause();
            CompletableFuture<Void> waiting = flushes.flush();

            readCached(hits);

            assertThat(waiting).isNotDone();
            disk.resume();
            waiting.get(1, TimeUnit.MINUTES);
        }
    }
}
