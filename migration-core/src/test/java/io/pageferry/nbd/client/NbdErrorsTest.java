package io.pageferry.nbd.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.pageferry.nbd.CommandFlags;
import io.pageferry.nbd.NbdError;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Errors of the server, and requests that never reach it. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class NbdErrorsTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(
            value = NbdError.class,
            names = {"EPERM", "EIO", "ENOMEM", "EINVAL", "ENOSPC"})
    void anErrorOfTheServerIsTypedAndTheConnectionGoesOn(NbdError error) throws Exception {
        try (NbdPeer peer = NbdPeer.nbdkit(
                        folder, "--filter=error", "memory", "8M", "error-pwrite=" + error, "error-pwrite-rate=100%");
                NbdClient client = NbdClient.connect(peer.uri(), NbdClientOptions.DEFAULT);
                Arena arena = Arena.ofShared()) {
            MemorySegment page = arena.allocate(4096);
            assertThatThrownBy(() -> client.write(4096, page, 0).join())
                    .cause()
                    .hasMessageContaining("NBD_" + error + " for NBD_CMD_WRITE of 4096 bytes at 4096")
                    .hasMessageContaining(error.hint())
                    .asInstanceOf(type(NbdException.class))
                    .satisfies(e -> assertThat(e.isFenced()).isEqualTo(error == NbdError.EPERM));
            client.read(0, page).join();
            client.flush().join();
        }
    }

    @Test
    void someErrorsAmongManyRequestsFailThoseAlone() throws Exception {
        try (NbdPeer peer = NbdPeer.nbdkit(
                        folder, "--filter=error", "pattern", "64M", "error-pread=EIO", "error-pread-rate=20%");
                NbdClient client = NbdClient.connect(peer.uri(), NbdClientOptions.DEFAULT);
                Arena arena = Arena.ofShared()) {
            AtomicInteger failed = new AtomicInteger();
            List<CompletableFuture<?>> reads = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                long offset = i * 65536L;
                MemorySegment into = arena.allocate(65536);
                reads.add(client.read(offset, into).handle((ok, failure) -> {
                    if (failure == null) {
                        assertThat(Long.reverseBytes(into.get(ValueLayout.JAVA_LONG_UNALIGNED, 8)))
                                .isEqualTo(offset + 8);
                    } else {
                        failed.incrementAndGet();
                    }
                    return failure == null;
                }));
            }
            CompletableFuture.allOf(reads.toArray(CompletableFuture[]::new)).join();
            assertThat(failed.get()).isBetween(50, 450);
        }
    }

    @Test
    void aWriteToAReadOnlyExportIsFenced() throws Exception {
        try (NbdPeer peer = NbdPeer.nbdkit(folder, "-r", "memory", "8M");
                NbdClient client = NbdClient.connect(peer.uri(), NbdClientOptions.DEFAULT);
                Arena arena = Arena.ofShared()) {
            assertThat(client.export().readOnly()).isTrue();
            assertThatThrownBy(() -> client.write(0, arena.allocate(512), 0).join())
                    .cause()
                    .asInstanceOf(type(NbdException.class))
                    .matches(NbdException::isFenced);
        }
    }

    @Test
    @SuppressWarnings("FutureReturnValueIgnored") // there is none: the request is refused
    void whatTheExportCannotTakeIsRefusedBeforeItIsSent() throws Exception {
        try (NbdPeer peer = NbdPeer.nbdkit(
                        folder,
                        "--filter=blocksize-policy",
                        "memory",
                        "8M",
                        "blocksize-minimum=512",
                        "blocksize-preferred=4096",
                        "blocksize-maximum=1M",
                        "blocksize-error-policy=error");
                NbdClient client = NbdClient.connect(peer.uri(), NbdClientOptions.DEFAULT);
                Arena shared = Arena.ofShared();
                Arena confined = Arena.ofConfined()) {
            assertThat(client.export().maxPayloadBytes()).isEqualTo(1 << 20);
            assertRefused(() -> client.read(0, shared.allocate(100)), "multiples");
            assertRefused(() -> client.read(100, shared.allocate(512)), "multiples");
            assertRefused(() -> client.read(8 << 20, shared.allocate(512)), "not within");
            assertRefused(() -> client.read(-512, shared.allocate(512)), "not within");
            assertRefused(() -> client.read(0, shared.allocate(2 << 20)), "1 to 1048576");
            assertRefused(() -> client.read(0, MemorySegment.NULL), "1 to");
            assertRefused(() -> client.read(0, confined.allocate(512)), "confined");
            assertRefused(() -> client.read(0, MemorySegment.ofArray(new byte[512])), "native");
            assertRefused(() -> client.read(0, shared.allocate(512).asReadOnly()), "read-only");
            assertRefused(() -> client.write(0, shared.allocate(512), CommandFlags.DF), "not for");
            assertRefused(() -> client.trim(0, 0, 0), "1 to");
        }
    }

    private static void assertRefused(Supplier<?> request, String reason) {
        assertThatThrownBy(request::get)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void requestsAfterCloseFailAndThoseBeforeItAreFinished() throws Exception {
        try (NbdPeer peer = NbdPeer.nbdkit(folder, "--filter=delay", "memory", "8M", "delay-read=200ms");
                Arena arena = Arena.ofShared()) {
            NbdClient client = NbdClient.connect(peer.uri(), NbdClientOptions.DEFAULT);
            var before = client.read(0, arena.allocate(4096));
            client.close();
            assertThat(before).isCompleted();
        }
    }
}
