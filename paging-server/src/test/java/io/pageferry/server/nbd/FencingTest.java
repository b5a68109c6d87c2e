package io.pageferry.server.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.nbd.CommandType;
import io.pageferry.nbd.NbdError;
import io.pageferry.server.pool.PagingSpace;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FencingTest {
    private static final int MIB = 1 << 20;

    private ServedPool served = serve(Path.of("/dev/shm"));

    private static ServedPool serve(Path parent) {
        try {
            return new ServedPool(parent, NbdServerOptions.defaults());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @AfterEach
    void stop() throws Exception {
        served.close();
    }

    private static byte[] filled(int length, int value) {
        byte[] data = new byte[length];
        Arrays.fill(data, (byte) value);
        return data;
    }

    private static byte first(PagingSpace space, long offset) {
        return space.memory().get(ValueLayout.JAVA_BYTE, offset);
    }

    @Test
    void aWriteHalfReceivedBeforeAFenceDoesNotLandAfterIt() throws Exception {
        PagingSpace space = served.create("a", 64 * MIB);
        try (RawClient old = RawClient.open(served.address, "a", false)) {
            old.request(0, CommandType.WRITE, 1, 0, 8 * MIB);
            old.out.write(filled(4 * MIB, 1));
            Awaitility.await().until(() -> space.directory().isWritten(MIB / 4096));

            served.server.fence("a", null);
            long sample = space.directory().sequence();
            byte[] before = space.memory().asSlice(0, 8 * MIB).toArray(ValueLayout.JAVA_BYTE);
            old.out.write(filled(4 * MIB, 2));

            assertThat(old.reply(0).error()).isEqualTo(NbdError.EPERM.code());
            assertThat(space.memory().asSlice(0, 8 * MIB).toArray(ValueLayout.JAVA_BYTE))
                    .isEqualTo(before);
            space.directory()
                    .runsChangedSince(
                            sample,
                            0,
                            8 * MIB / 4096,
                            (page, count, changed, written) ->
                                    assertThat(changed).isFalse());
            assertThat(old.write(0, filled(10, 3))).isEqualTo(NbdError.EPERM.code());
            assertThat(old.command(0, CommandType.TRIM, 0, MIB)).isEqualTo(NbdError.EPERM.code());
            assertThat(old.command(0, CommandType.WRITE_ZEROES, 0, MIB)).isEqualTo(NbdError.EPERM.code());
            assertThat(old.read(0, 1)).containsExactly(1);
        }
    }

    @Test
    void whoHoldsTheTokenKeepsTheRightToWrite() throws Exception {
        served.create("a", MIB);
        served.tokens.put("a", "new");
        try (RawClient holder = RawClient.open(served.address, "a;lease=new", false)) {
            served.server.fence("a", "new");
            assertThat(holder.write(0, filled(10, 3))).isZero();
        }
        assertThatThrownBy(() -> RawClient.open(served.address, "a;lease=old", false))
                .hasMessageContaining("not the current one");
    }

    @Test
    void noWriteOfManyWritersLandsAfterAFence() throws Exception {
        attackWithWriters();
    }

    @Test
    void noBufferedWriteLandsAfterAFenceEither() throws Exception {
        Path disk = Files.createTempDirectory("pageferry-disk");
        served.close();
        served = serve(disk);
        attackWithWriters();
    }

    /** Writers of small and large requests, in flight while the fence comes: memory must be still once it returns. */
    private void attackWithWriters() throws Exception {
        PagingSpace space = served.create("a", 8 * MIB);
        for (int round = 1; round <= 10; round++) {
            AtomicBoolean stop = new AtomicBoolean();
            List<Thread> writers = new ArrayList<>();
            int value = round;
            for (int i = 0; i < 4; i++) {
                RawClient client = RawClient.open(served.address, "a", false);
                int length = i % 2 == 0 ? 4096 : MIB;
                long offset = (long) i * MIB;
                writers.add(
                        Thread.ofPlatform().start(() -> writeUntilFenced(client, offset, filled(length, value), stop)));
            }
            Awaitility.await().until(() -> first(space, 0) == value && first(space, MIB) == value);

            served.server.fence("a", null);
            byte[] after = space.memory().toArray(ValueLayout.JAVA_BYTE);
            stop.set(true);
            for (Thread writer : writers) {
                writer.join();
            }
            assertThat(space.memory().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(after);
        }
    }

    private static void writeUntilFenced(RawClient client, long offset, byte[] data, AtomicBoolean stop) {
        try (client) {
            int error;
            do {
                error = client.write(offset, data);
            } while (error == 0 && !stop.get());
            for (int i = 0; i < 20; i++) {
                data[0]++;
                assertThat(client.write(offset, data)).isEqualTo(NbdError.EPERM.code());
            }
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void aForcedDisconnectLeavesNobodyBehind() throws Exception {
        PagingSpace space = served.create("a", 64 * MIB);
        try (RawClient client = RawClient.open(served.address, "a", false)) {
            client.request(0, CommandType.WRITE, 1, 0, 8 * MIB);
            client.out.write(filled(MIB, 1));

            served.server.disconnect("a");

            assertThat(served.server.connectionCount("a")).isZero();
            assertThat(client.isClosedByServer()).isTrue();
            served.pool.delete("a", false);
            assertThat(space.uses().tryAcquire()).isFalse();
        }
    }
}
