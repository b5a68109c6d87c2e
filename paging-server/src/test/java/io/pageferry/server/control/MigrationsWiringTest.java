package io.pageferry.server.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.manifest.SpaceLayout;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Agents and migrations on the whole server; what they do in detail is tested beside them. */
class MigrationsWiringTest {
    private static final long PAGE_COUNT = 16;
    private static final String PARTITION =
            "{'partitions': [{'name': 'vm', 'size-bytes': 65536, 'state': 'running', 'process-id': 1}]}";

    @TempDir
    private Path pool = Path.of("");

    private RunningServer server;

    @BeforeEach
    void start() throws IOException {
        server = new RunningServer(pool);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void anAgentLearnsWhereTheSpacesAreServed() throws Exception {
        RunningServer.Answer registered = register("a");

        int port = server.server().addresses().getFirst().getPort();
        assertThat(registered.json().path("nbd").path("tcp").stringValue()).endsWith(":" + port);
    }

    @Test
    void suspendingMakesTheSpaceWithRoomForTheManifestAndLeasesItToTheSource() throws Exception {
        host(register("a"));

        RunningServer.Answer created = suspend();

        assertThat(created.status()).as(created.body()).isEqualTo(201);
        RunningServer.Answer spaces = server.get("/v1/spaces");
        assertThat(spaces.json().path("spaces")).hasSize(1);
        assertThat(spaces.json().path("spaces").get(0).path("size-bytes").longValue())
                .isEqualTo(SpaceLayout.sizeBytes(PAGE_COUNT));
        assertThat(spaces.json()
                        .path("spaces")
                        .get(0)
                        .path("lease")
                        .path("holder")
                        .stringValue())
                .isEqualTo("a");
    }

    @Test
    void aSpaceOfAnotherSizeInTheWayIsAConflictAndNoMigrationBegins() throws Exception {
        host(register("a"));
        server.send("POST", "/v1/spaces", "{'name': 'vm', 'size-bytes': 65536}");

        RunningServer.Answer refused = suspend();

        assertThat(refused.status()).as(refused.body()).isEqualTo(409);
        assertThat(refused.error()).contains("has 65536 bytes");
        assertThat(server.get("/v1/migrations").json().path("migrations")).isEmpty();
    }

    private RunningServer.Answer register(String agent) throws Exception {
        return server.send("POST", "/v1/agents", "{'name': '" + agent + "', 'process-id': 1}");
    }

    private void host(RunningServer.Answer registered) throws Exception {
        String session = registered.json().path("session").stringValue();
        assertThat(server.send("PUT", "/v1/agents/a/partitions", PARTITION, "Pageferry-Session", session)
                        .status())
                .isEqualTo(204);
    }

    private RunningServer.Answer suspend() throws Exception {
        return server.send("POST", "/v1/migrations", "{'kind': 'suspend', 'partition': 'vm'}");
    }
}
