package io.pageferry.nbd.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.nbd.TransmissionFlags;
import io.pageferry.testing.TestSeed;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Random commands of several threads against a byte array, over several connections. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class NbdModelTest {
    private static final int THREADS = 3;
    private static final int STEPS = 1500;
    /** Each thread has a region of its own: the outcome of two writes at once to one place is nobody's promise. */
    private static final int REGION = 4 << 20;

    @TempDir
    private Path folder;

    @Test
    void randomCommandsLeaveWhatTheModelHolds() throws Exception {
        long seed = TestSeed.choose(NbdModelTest.class);
        try (NbdPeer peer = NbdPeer.nbdkit(folder, "memory", Integer.toString(THREADS * REGION));
                NbdClient client = NbdClient.connect(peer.uri(), NbdClientOptions.DEFAULT.withInFlight(48, 8 << 20));
                Arena arena = Arena.ofShared()) {
            ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
            Thread[] threads = new Thread[THREADS];
            for (int i = 0; i < THREADS; i++) {
                Region region = new Region(client, arena, i * (long) REGION, new Random(seed + i));
                threads[i] = Thread.ofPlatform().start(() -> {
                    try {
                        region.run();
                    } catch (Throwable e) {
                        failures.add(e);
                    }
                });
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(failures).isEmpty();
        }
    }

    private static final class Region {
        private final NbdClient client;
        private final Arena arena;
        private final long start;
        private final Random random;
        private final MemorySegment model;
        private CompletableFuture<?> underWay = CompletableFuture.completedFuture(null);

        Region(NbdClient client, Arena arena, long start, Random random) {
            this.client = client;
            this.arena = arena;
            this.start = start;
            this.random = random;
            this.model = arena.allocate(REGION);
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                int length = 1 + random.nextInt(random.nextInt(20) == 0 ? 1 << 20 : 1 << 14);
                int at = random.nextInt(REGION - length + 1);
                switch (random.nextInt(8)) {
                    case 0, 1, 2 -> write(at, length);
                    case 3 -> {
                        model.asSlice(at, length).fill((byte) 0);
                        later(client.writeZeroes(start + at, length, 0));
                    }
                    case 4 -> later(client.flush());
                    case 5 -> later(client.cache(start + at, length));
                    default -> check(at, length);
                }
            }
            check(0, REGION);
        }

        private void write(int at, int length) {
            MemorySegment payload = arena.allocate(length);
            payload.fill((byte) random.nextInt());
            MemorySegment.copy(payload, 0, model, at, length);
            boolean fua = random.nextInt(10) == 0 && client.export().flags().has(TransmissionFlags.SEND_FUA);
            later(client.write(start + at, payload, fua ? 1 : 0));
        }

        private void later(CompletableFuture<?> request) {
            underWay = CompletableFuture.allOf(underWay, request);
        }

        /** A read sees all that completed before it. */
        private void check(int at, int length) {
            underWay.join();
            MemorySegment read = arena.allocate(length);
            client.read(start + at, read).join();
            long mismatch = read.mismatch(model.asSlice(at, length));
            assertThat(mismatch)
                    .as("first wrong byte of %d at %d", length, start + at)
                    .isEqualTo(-1);
        }
    }
}
