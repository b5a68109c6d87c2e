package io.pageferry.systemtests.interop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** libnbd's nbdinfo, which asks for everything that the handshake and BLOCK_STATUS can tell. */
@ExtendWith(SharedServer.class)
class NbdInfoTest {
    private static final long MIB = 1 << 20;

    private final ServerProcess server;

    NbdInfoTest(ServerProcess server) {
        this.server = server;
    }

    private static String nbdinfo(String... arguments) throws Exception {
        return Tool.run("libnbd-bin", "nbdinfo", arguments);
    }

    @Test
    void jsonTellsSizeBlockSizesFlagsAndContexts() throws Exception {
        server.create("info-json", 64 * MIB + 1);
        for (String uri : new String[] {server.tcp("info-json"), server.unix("info-json")}) {
            String json = nbdinfo("--json", uri).replaceAll("\\s+", " ");

            assertThat(json)
                    .contains("\"protocol\": \"newstyle-fixed\"", "\"structured\": true")
                    .contains("\"export-name\": \"info-json\"", "\"export-size\": " + (64 * MIB + 1))
                    .contains("\"contexts\": [ \"base:allocation\", \"pageferry:written-since\" ]")
                    .contains("\"block_size_minimum\": 1", "\"block_size_preferred\": 4096")
                    .contains("\"block_size_maximum\": 33554432")
                    .contains("\"is_read_only\": false", "\"can_multi_conn\": true", "\"can_fua\": true");
        }
    }

    @Test
    void mapTellsWhatIsWrittenAndWhatIsAHole() throws Exception {
        server.create("info-map", 8 * MIB);
        Tool.run("qemu-utils", "qemu-io", "-f", "raw", "-c", "write -P 7 1M 64k", server.unix("info-map"));

        assertThat(nbdinfo("--map", server.tcp("info-map"))
                        .replaceAll(" +", " ")
                        .lines())
                .containsExactly(" 0 1048576 3 hole,zero", " 1048576 65536 0 data", " 1114112 7274496 3 hole,zero");
    }

    @Test
    void mapOfOurOwnContextTellsEverythingWrittenToAConnectionThatNeverAsked() throws Exception {
        server.create("info-since", 8 * MIB);
        Tool.run("qemu-utils", "qemu-io", "-f", "raw", "-c", "write -P 7 1M 64k", server.unix("info-since"));

        assertThat(nbdinfo("--map=pageferry:written-since", server.tcp("info-since"))
                        .replaceAll(" +", " ")
                        .lines())
                .contains(" 1048576 65536 1");
    }

    @Test
    void listNamesEverySpace() throws Exception {
        server.create("info-list-a", MIB);
        server.create("info-list-b", MIB);

        assertThat(nbdinfo("--list", "nbd://127.0.0.1:" + server.port()))
                .contains("export=\"info-list-a\":", "export=\"info-list-b\":");
    }

    @Test
    void everyCapabilityIsThere() throws Exception {
        server.create("info-can", MIB);
        for (String can : new String[] {
            "cache", "df", "fast-zero", "flush", "fua", "multi-conn", "trim", "write", "zero", "structured-reply"
        }) {
            assertThat(Tool.attempt("libnbd-bin", "nbdinfo", "--can=" + can, server.tcp("info-can"))
                            .exitStatus())
                    .as("--can=%s", can)
                    .isZero();
        }
        for (String is : new String[] {"read-only", "rotational", "tls"}) {
            assertThat(Tool.attempt("libnbd-bin", "nbdinfo", "--is=" + is, server.tcp("info-can"))
                            .exitStatus())
                    .as("--is=%s", is)
                    .isEqualTo(2);
        }
    }
}
