package io.pageferry.systemtests.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.TestSeed;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** fio, which writes checksummed blocks of random sizes in random order, and reads them again. */
@ExtendWith(SharedServer.class)
class FioVerifyTest {
    private final ServerProcess server;

    FioVerifyTest(ServerProcess server) {
        this.server = server;
    }

    private static String verify(String uri) throws Exception {
        long seed = TestSeed.choose(FioVerifyTest.class);
        return Tool.run(
                "fio",
                "fio",
                "--name=verify",
                "--ioengine=nbd",
                "--uri=" + uri,
                "--rw=randwrite",
                "--bsrange=512-256k",
                "--bs_unaligned=1",
                "--size=96m",
                "--iodepth=32",
                "--fsync=64",
                "--verify=crc32c",
                "--verify_fatal=1",
                "--do_verify=1",
                "--verify_state_save=0",
                "--randseed=" + Long.toUnsignedString(seed));
    }

    @Test
    void everyBlockOverTcpHasItsChecksum() throws Exception {
        server.create("fio-tcp", 96 << 20);
        assertThat(verify(server.tcp("fio-tcp"))).contains("err= 0").doesNotContain("verify failed");
    }

    @Test
    void everyBlockOverAUnixSocketHasItsChecksum() throws Exception {
        server.create("fio-unix", 96 << 20);
        assertThat(verify(server.unix("fio-unix"))).contains("err= 0").doesNotContain("verify failed");
    }
}
