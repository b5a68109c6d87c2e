package io.pageferry.systemtests.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.TestSeed;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a strict client would not send: {@code unstrict_client.py} tells what, and what must come of it. */
@ExtendWith(SharedServer.class)
class LibnbdScriptTest {
    private static final long SIZE_BYTES = (96 << 20) + 1;

    private final ServerProcess server;

    LibnbdScriptTest(ServerProcess server) {
        this.server = server;
    }

    private void serves(String space, String uri) throws Exception {
        Tool.requirePython("nbd", "python3-libnbd");
        server.create(space, SIZE_BYTES);
        String seed = Long.toUnsignedString(TestSeed.choose(LibnbdScriptTest.class));

        Tool.run(
                "coreutils",
                "env",
                Tool.SYSTEM_PYTHON,
                Tool.script("unstrict_client.py"),
                uri,
                Long.toString(SIZE_BYTES),
                seed);

        assertThat(Tool.run("libnbd-bin", "nbdinfo", "--size", uri).strip()).isEqualTo(Long.toString(SIZE_BYTES));
    }

    @Test
    void everythingUnusualOverTcpIsAnsweredAsSpecified() throws Exception {
        serves("unstrict-tcp", server.tcp("unstrict-tcp"));
    }

    @Test
    void everythingUnusualOverAUnixSocketIsAnsweredAsSpecified() throws Exception {
        serves("unstrict-unix", server.unix("unstrict-unix"));
    }
}
