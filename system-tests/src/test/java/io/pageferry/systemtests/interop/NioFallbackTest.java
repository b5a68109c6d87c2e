package io.pageferry.systemtests.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.nbd.client.NbdClient;
import io.pageferry.nbd.client.NbdClientOptions;
import io.pageferry.testing.TestSeed;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server whose JVM has no epoll: everything works on NIO, on TCP and on Unix sockets. */
class NioFallbackTest {
    private static final int MIB = 1 << 20;

    @TempDir
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private ServerProcess server;

    @BeforeEach
    void start() throws Exception {
        server = ServerProcess.start("nio", "-Dio.netty.transport.noNative=true");
        assertThat(server.transport()).isEqualTo("NIO");
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    @Test
    void otherClientsCopyBothWaysAndSeeHoles() throws Exception {
        Path image = folder.resolve("image.raw");
        byte[] content = new byte[20 * MIB + 1];
        TestSeed.random(NioFallbackTest.class).nextBytes(content);
        Files.write(image, content);
        server.create("tcp", content.length);
        server.create("unix", content.length);
        for (String uri : new String[] {server.tcp("tcp"), server.unix("unix")}) {
            Path back = folder.resolve("back.raw");
            assertThat(Tool.run("libnbd-bin", "nbdinfo", "--map", "--totals", uri))
                    .contains("hole,zero");
            Tool.run("libnbd-bin", "nbdcopy", "--connections=4", "--flush", image.toString(), uri);
            Tool.run("libnbd-bin", "nbdcopy", "--connections=4", uri, back.toString());
            assertThat(Files.mismatch(image, back)).isEqualTo(-1);
        }
    }

    @Test
    void randomCommandsOfOurClientLeaveWhatTheModelHolds() throws Exception {
        int sizeBytes = 2 * MIB;
        server.create("model", sizeBytes);
        Region region = new Region(0, sizeBytes, TestSeed.choose(NioFallbackTest.class));
        try (Arena arena = Arena.ofShared();
                NbdClient client = NbdClient.connect(server.uri("model"), NbdClientOptions.DEFAULT)) {
            for (int step = 0; step < 1000; step++) {
                region.step(client, arena);
            }
            region.checkAll(client, arena);
        }
    }
}
