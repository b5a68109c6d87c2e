package io.pageferry.server.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pageferry.nbd.NbdError;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LeasesApiTest {
    private static final String LEASE = "/v1/spaces/vm1/lease";

    @TempDir
    private Path pool = Path.of("");

    private RunningServer server;

    @BeforeEach
    void start() throws Exception {
        server = new RunningServer(pool);
        server.send("POST", "/v1/spaces", "{'name': 'vm1', 'size-bytes': 1048576}");
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void aLeaseIsAcquiredRenewedTransferredAndReleased() throws Exception {
        RunningServer.Answer acquired = acquire("agent-a", 30_000);
        assertThat(acquired.status()).isEqualTo(200);
        assertThat(acquired.json().path("holder").stringValue()).isEqualTo("agent-a");
        assertThat(acquired.json().path("export").stringValue()).isEqualTo("vm1;lease=" + token(acquired));

        RunningServer.Answer renewed =
                server.send("PUT", LEASE, "{'token': '" + token(acquired) + "', 'ttl-ms': 60000}");
        assertThat(epoch(renewed)).isEqualTo(epoch(acquired));
        assertThat(renewed.json().path("expires").stringValue())
                .isGreaterThan(acquired.json().path("expires").stringValue());

        RunningServer.Answer transferred = transfer(token(acquired), "agent-b");
        assertThat(epoch(transferred)).isEqualTo(epoch(acquired) + 1);
        assertThat(token(transferred)).isNotEqualTo(token(acquired));

        assertThat(server.send("DELETE", LEASE, "{'token': '" + token(transferred) + "'}")
                        .status())
                .isEqualTo(204);
        assertThat(server.get(LEASE).status()).isEqualTo(404);
    }

    @Test
    void nobodyButTheHolderEverSeesTheToken() throws Exception {
        String token = token(acquire("agent-a", 30_000));

        for (String path : new String[] {LEASE, "/v1/leases", "/v1/spaces", "/v1/spaces/vm1"}) {
            assertThat(server.get(path).body()).contains("agent-a").doesNotContain(token);
        }
        assertThat(acquire("agent-b", 30_000).body()).contains("agent-a").doesNotContain(token);
        assertThat(server.send("PUT", LEASE, "{'token': 'guess'}").body()).doesNotContain(token);
    }

    @Test
    void aHeldLeaseIsAConflictUntilItExpires() throws Exception {
        RunningServer.Answer first = acquire("agent-a", 200);

        assertThat(acquire("agent-b", 200).status()).isEqualTo(409);
        await().until(() -> acquire("agent-b", 30_000).status() == 200);

        assertThat(server.get(LEASE).json().path("holder").stringValue()).isEqualTo("agent-b");
        assertThat(server.get(LEASE).json().path("epoch").longValue()).isGreaterThan(epoch(first));
    }

    @Test
    void aLostTokenIsRefusedForEverythingAndChangesNothing() throws Exception {
        String old = token(acquire("agent-a", 30_000));
        transfer(old, "agent-b");
        String before = server.get(LEASE).body();

        assertThat(server.send("PUT", LEASE, "{'token': '" + old + "'}").status())
                .isEqualTo(409);
        assertThat(transfer(old, "agent-c").status()).isEqualTo(409);
        assertThat(server.send("DELETE", LEASE, "{'token': '" + old + "'}").status())
                .isEqualTo(409);

        assertThat(server.get(LEASE).body()).isEqualTo(before);
    }

    @Test
    void withTheLeaseOneWritesAndWithoutItOneReads() throws Exception {
        try (MiniNbd plain = server.connect("vm1")) {
            assertThat(plain.isReadOnly()).isFalse();
        }
        String token = token(acquire("agent-a", 30_000));
        try (MiniNbd holder = server.connect("vm1;lease=" + token);
                MiniNbd reader = server.connect("vm1")) {
            assertThat(holder.write(0, new byte[4096])).isZero();
            assertThat(reader.isReadOnly()).isTrue();
            assertThat(reader.write(0, new byte[4096])).isEqualTo(NbdError.EPERM.code());
        }
        assertThatThrownBy(() -> server.connect("vm1;lease=guess")).isInstanceOf(EOFException.class);
    }

    @Test
    void whoeverWroteBeforeIsFencedWhenALeaseIsAcquiredTransferredOrReleased() throws Exception {
        try (MiniNbd plain = server.connect("vm1")) {
            assertThat(plain.write(0, new byte[4096])).isZero();
            String token = token(acquire("agent-a", 30_000));
            assertThat(plain.write(0, new byte[4096])).isEqualTo(NbdError.EPERM.code());

            try (MiniNbd source = server.connect("vm1;lease=" + token)) {
                assertThat(source.write(0, new byte[4096])).isZero();
                String next = token(transfer(token, "agent-b"));
                assertThat(source.write(0, new byte[4096])).isEqualTo(NbdError.EPERM.code());

                try (MiniNbd target = server.connect("vm1;lease=" + next)) {
                    assertThat(target.write(0, new byte[4096])).isZero();
                    server.send("DELETE", LEASE, "{'token': '" + next + "'}");
                    assertThat(target.write(0, new byte[4096])).isEqualTo(NbdError.EPERM.code());
                }
            }
        }
    }

    @Test
    void aRefusedAcquisitionFencesNobody() throws Exception {
        String token = token(acquire("agent-a", 30_000));
        try (MiniNbd holder = server.connect("vm1;lease=" + token)) {
            assertThat(acquire("agent-b", 30_000).status()).isEqualTo(409);
            assertThat(transfer("guess", "agent-b").status()).isEqualTo(409);
            assertThat(holder.write(0, new byte[4096])).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "POST||{}|400",
                "POST||{'holder': ''}|400",
                "POST||{'holder': 'a b'}|400",
                "POST||{'holder': 'a', 'ttl-ms': 0}|400",
                "POST||{'holder': 'a', 'ttl-ms': 86400001}|400",
                "POST||{'holder': 'a', 'token': 'x'}|400",
                "PUT||{}|400",
                "PUT||{'token': 'x'}|409",
                "DELETE||{'token': 'x'}|409",
                "POST|/transfer|{'token': 'x'}|400",
                "PUT|/transfer|{'token': 'x'}|405",
            })
    void aWrongRequestIsRefusedAndNobodyGetsALease(String method, String suffix, String body, int status)
            throws Exception {
        RunningServer.Answer answer = server.send(method, LEASE + (suffix == null ? "" : suffix), body);

        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.hint()).isNotEmpty();
        assertThat(server.get("/v1/leases").body()).isEqualTo("{\"leases\":[]}\n");
    }

    @Test
    void aSpaceThatIsNotThereHasNoLease() throws Exception {
        assertThat(server.get("/v1/spaces/vm2/lease").status()).isEqualTo(404);
        assertThat(server.send("POST", "/v1/spaces/vm2/lease", "{'holder': 'a'}")
                        .status())
                .isEqualTo(404);
        assertThat(server.send("POST", "/v1/spaces/..%2Fx/lease", "{'holder': 'a'}")
                        .status())
                .isEqualTo(404);
    }

    private RunningServer.Answer acquire(String holder, long ttlMs) throws Exception {
        return server.send("POST", LEASE, "{'holder': '" + holder + "', 'ttl-ms': " + ttlMs + "}");
    }

    private RunningServer.Answer transfer(String token, String holder) throws Exception {
        return server.send("POST", LEASE + "/transfer", "{'token': '" + token + "', 'holder': '" + holder + "'}");
    }

    private static String token(RunningServer.Answer answer) {
        return answer.json().path("token").stringValue();
    }

    private static long epoch(RunningServer.Answer answer) {
        return answer.json().path("epoch").longValue();
    }
}
