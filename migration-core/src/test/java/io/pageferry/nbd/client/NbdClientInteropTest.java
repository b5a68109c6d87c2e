package io.pageferry.nbd.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.nbd.CommandFlags;
import io.pageferry.nbd.ExtentFlags;
import io.pageferry.nbd.MetaContexts;
import io.pageferry.nbd.TransmissionFlags;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The client against nbdkit, qemu-nbd and nbd-server. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class NbdClientInteropTest {
    private static final int MIB = 1 << 20;

    @TempDir
    private Path folder;

    private static MemorySegment pattern(Arena arena, long sizeBytes, long salt) {
        MemorySegment memory = arena.allocate(sizeBytes);
        for (long i = 0; i + Long.BYTES <= sizeBytes; i += Long.BYTES) {
            memory.set(ValueLayout.JAVA_LONG_UNALIGNED, i, (salt + i) * 0x9e3779b97f4a7c15L);
        }
        return memory;
    }

    /** Every command once, with what it left read back. */
    private static void exercise(NbdClient client) {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment written = pattern(arena, 4 * MIB, 1);
            MemorySegment read = arena.allocate(4 * MIB);
            client.write(MIB, written, 0).join();
            client.read(MIB, read).join();
            assertThat(read.mismatch(written)).isEqualTo(-1);
            if (client.export().flags().has(TransmissionFlags.SEND_WRITE_ZEROES)) {
                client.writeZeroes(2 * MIB, 8192, CommandFlags.NO_HOLE).join();
                client.read(MIB, read).join();
                assertThat(read.asSlice(MIB, 8192).mismatch(arena.allocate(8192)))
                        .isEqualTo(-1);
                assertThat(read.asSlice(0, MIB).mismatch(written.asSlice(0, MIB)))
                        .isEqualTo(-1);
            }
            if (client.export().flags().has(TransmissionFlags.SEND_TRIM)) {
                client.trim(3 * MIB, MIB, 0).join();
            }
            if (client.export().flags().has(TransmissionFlags.SEND_CACHE)) {
                client.cache(0, MIB).join();
            }
            if (client.export().flags().has(TransmissionFlags.SEND_FUA)) {
                client.write(0, written.asSlice(0, 4096), CommandFlags.FUA).join();
            }
            client.flush().join();
            MemorySegment page = arena.allocate(4096);
            FutureCompletion urgent = new FutureCompletion();
            client.readUrgent(MIB, page, urgent);
            urgent.join();
            assertThat(page.mismatch(written.asSlice(0, 4096))).isEqualTo(-1);
        }
    }

    @Test
    void nbdkitOverAUnixSocketDoesEveryCommandOverSeveralConnections() throws Exception {
        try (NbdPeer peer = NbdPeer.nbdkit(folder, "memory", "64M");
                NbdClient client = NbdClient.connect(peer.uri(), NbdClientOptions.DEFAULT)) {
            assertThat(client.export().sizeBytes()).isEqualTo(64L * MIB);
            assertThat(client.export().structuredReplies()).isTrue();
            assertThat(client.export().multiConn()).isTrue();
            exercise(client);
        }
    }

    @Test
    void nbdkitOverTcpDoesEveryCommand() throws Exception {
        try (NbdPeer peer = NbdPeer.nbdkitTcp(folder, "memory", "64M");
                NbdClient client = NbdClient.connect(peer.uri(), NbdClientOptions.DEFAULT)) {
            exercise(client);
        }
    }

    @Test
    void whereEpollIsMissingNioDoesTheSameOverBothKindsOfSocket() throws Exception {
        try (NbdTransport nio = NbdTransport.openNio(2)) {
            Path tcp = Files.createDirectory(folder.resolve("tcp"));
            try (NbdPeer peer = NbdPeer.nbdkitTcp(tcp, "memory", "64M");
                    NbdClient client = NbdClient.connect(nio, peer.uri(), NbdClientOptions.DEFAULT)) {
                exercise(client);
            }
            try (NbdPeer peer = NbdPeer.nbdkit(folder, "memory", "64M");
                    NbdClient client = NbdClient.connect(nio, peer.uri(), NbdClientOptions.DEFAULT)) {
                exercise(client);
            }
        }
    }

    @Test
    void aPeerWithoutStructuredRepliesIsUsedWithSimpleOnes() throws Exception {
        try (NbdPeer peer = NbdPeer.nbdkit(folder, "--no-sr", "memory", "64M");
                NbdClient client = NbdClient.connect(peer.uri(), NbdClientOptions.DEFAULT)) {
            assertThat(client.export().structuredReplies()).isFalse();
            exercise(client);
            assertThatThrownBy(() -> client.blockStatus(0, MIB, 0)).isInstanceOf(UnsupportedOperationException.class);
        }
    }

    @Test
    void aPeerWithoutFixedNewstyleIsSentTheExportNameAlone() throws Exception {
        try (NbdPeer peer = NbdPeer.nbdkit(folder, "--mask-handshake=0", "memory", "64M");
                NbdClient client = NbdClient.connect(peer.uri(), NbdClientOptions.DEFAULT)) {
            exercise(client);
        }
    }

    @Test
    void anOldstylePeerIsRefusedByName() throws Exception {
        try (NbdPeer peer = NbdPeer.nbdkit(folder, "--oldstyle", "memory", "64M")) {
            assertThatThrownBy(() -> NbdClient.connect(peer.uri(), NbdClientOptions.DEFAULT))
                    .isInstanceOf(NbdProtocolException.class)
                    .hasMessageContaining("oldstyle");
        }
    }

    @Test
    void qemuNbdServesAFileAndTellsItsHoles() throws Exception {
        Path file = sparseFile();
        try (NbdPeer peer = NbdPeer.qemu(folder, file);
                NbdClient client = NbdClient.connect(peer.uri(), NbdClientOptions.DEFAULT)) {
            exercise(client);
            List<Extent> extents = ExtentWalk.extents(
                            client,
                            MetaContexts.BASE_ALLOCATION,
                            0,
                            client.export().sizeBytes())
                    .join();
            assertThat(extents).hasSizeGreaterThan(1);
            assertThat(extents.getLast().end()).isEqualTo(64L * MIB);
            assertThat(extents.getLast().has(ExtentFlags.HOLE | ExtentFlags.ZERO))
                    .isTrue();
        }
    }

    @Test
    void nbdServerServesAFile() throws Exception {
        NbdClientOptions one = NbdClientOptions.DEFAULT.withConnections(1, false);
        try (NbdPeer peer = NbdPeer.nbdServer(folder, sparseFile());
                NbdClient client = NbdClient.connect(peer.uri(), one)) {
            exercise(client);
        }
    }

    @Test
    void questionsAreAnsweredWithoutOpeningAnExport() throws Exception {
        try (NbdPeer peer = NbdPeer.qemu(folder, sparseFile());
                NbdTransport transport = NbdTransport.open(1)) {
            assertThat(NbdQueries.list(transport, peer.uri()))
                    .extracting(NbdQueries.ListedExport::name)
                    .containsExactly("disk");
            assertThat(NbdQueries.info(transport, peer.uri()).sizeBytes()).isEqualTo(64L * MIB);
            assertThat(NbdQueries.metaContexts(transport, peer.uri(), List.of()))
                    .contains(MetaContexts.BASE_ALLOCATION);
            assertThatThrownBy(() -> NbdQueries.info(transport, peer.uri().withExport("nothing")))
                    .isInstanceOf(NbdRefusedException.class)
                    .hasMessageContaining("NBD_REP_ERR_UNKNOWN");
        }
    }

    private Path sparseFile() throws Exception {
        Path file = folder.resolve("disk.img");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(64L * MIB);
        }
        return file;
    }
}
