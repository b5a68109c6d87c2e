package io.pageferry.systemtests.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** QEMU's block layer, as qemu-io and qemu-img bench drive it. */
@ExtendWith(SharedServer.class)
class QemuIoTest {
    private static final long MIB = 1 << 20;

    private final ServerProcess server;

    QemuIoTest(ServerProcess server) {
        this.server = server;
    }

    private static String qemuIo(String uri, String... commands) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("-f", "raw"));
        for (String command : commands) {
            arguments.addAll(List.of("-c", command));
        }
        arguments.add(uri);
        return Tool.run("qemu-utils", "qemu-io", arguments.toArray(String[]::new));
    }

    @Test
    void everyCommandLeavesThePatternItShould() throws Exception {
        server.create("qemu-io", 64 * MIB);
        String said = qemuIo(
                server.tcp("qemu-io"),
                "write -P 1 0 32M",
                "write -f -P 2 1M 100k",
                "write -P 3 1048577 1",
                "aio_write -P 4 8M 2M",
                "aio_write -P 5 10M 2M",
                "aio_flush",
                "write -z 2M 1M",
                "write -z -u 3M 1M",
                "discard 4M 1M",
                "flush",
                "read -P 1 0 1M",
                "read -P 3 1048577 1",
                "read -P 2 1048578 102398",
                "read -P 0 2M 3M",
                "read -P 1 5M 3M",
                "read -P 4 8M 2M",
                "read -P 5 10M 2M",
                "map");
        assertThat(said).doesNotContain("Pattern verification failed", "rror");
    }

    @Test
    void whatOneConnectionFlushedAnotherReads() throws Exception {
        server.create("qemu-two", 8 * MIB);
        qemuIo(server.tcp("qemu-two"), "write -P 9 1M 1M", "flush");
        assertThat(qemuIo(server.unix("qemu-two"), "read -P 9 1M 1M", "read -P 0 0 1M"))
                .doesNotContain("Pattern verification failed");
    }

    @Test
    void benchWritesAndReadsThousandsOfRequestsAtDepth() throws Exception {
        server.create("qemu-bench", 64 * MIB);
        String uri = server.unix("qemu-bench");
        assertThat(bench("-w", "--pattern=17", "-c", "4096", "-d", "64", "-s", "16k", uri))
                .contains("Run completed");
        assertThat(bench("-c", "4096", "-d", "64", "-s", "16k", uri)).contains("Run completed");
        assertThat(qemuIo(uri, "read -P 17 0 64M")).doesNotContain("Pattern verification failed");
    }

    private static String bench(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("bench", "-f", "raw", "-t", "none"));
        all.addAll(List.of(arguments));
        return Tool.run("qemu-utils", "qemu-img", all.toArray(String[]::new));
    }
}
