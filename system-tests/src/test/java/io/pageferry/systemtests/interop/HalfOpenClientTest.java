package io.pageferry.systemtests.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.ChildJvm;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A client on another host that is cut off without a word: no FIN, no RST, and nothing that it was asked for. */
class HalfOpenClientTest {
    private static final String IDLE_CLIENT = """
            import nbd, sys
            client = nbd.NBD()
            client.connect_uri(sys.argv[1])
            client.pread(4096, 0)
            print("connected", flush=True)
            sys.stdin.read()
            """;

    @Test
    void anIdleClientWhoseHostIsCutOffIsDropped() throws Exception {
        Tool.requirePython("nbd", "python3-libnbd");
        try (FarHost far = FarHost.start();
                ServerProcess server =
                        ServerProcess.withArguments("half-open", "--listen=" + FarHost.HERE + ":0", "--keepalive=3")) {
            server.create("half-open", 1 << 20);
            String uri = "nbd://" + FarHost.HERE + ":" + server.lastAddress().getPort() + "/half-open";
            try (ChildJvm client = far.run(Tool.SYSTEM_PYTHON, "-c", IDLE_CLIENT, uri)) {
                assertThat(client.nextLine()).isEqualTo("connected");
                assertThat(server.get("/v1/spaces/half-open")).contains("\"connections\":1");

                far.pullCable();

                Awaitility.await("the server drops the client")
                        .atMost(Duration.ofSeconds(60))
                        .untilAsserted(() ->
                                assertThat(server.get("/v1/spaces/half-open")).contains("\"connections\":0"));
                assertThat(client.isAlive()).isTrue();
            }
            assertThat(Tool.run("libnbd-bin", "nbdinfo", "--size", server.tcp("half-open")))
                    .contains("1048576");
        }
    }
}
