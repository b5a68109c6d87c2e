package io.pageferry.server.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpacesApiTest {
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
    void aSpaceIsCreatedListedShownAndDeleted() throws Exception {
        RunningServer.Answer created = create("{'name': 'vm1', 'size-bytes': 1099511627776, 'quota-bytes': 8192}");
        assertThat(created.status()).isEqualTo(201);
        assertThat(created.response().headers().firstValue("Location")).contains("/v1/spaces/vm1");

        RunningServer.Answer info = server.get("/v1/spaces/vm1");
        assertThat(info.json()).isEqualTo(created.json());
        assertThat(info.json().path("size-bytes").longValue()).isEqualTo(1L << 40);
        assertThat(info.json().path("quota-bytes").longValue()).isEqualTo(8192);
        assertThat(info.json().path("written-pages").longValue()).isZero();
        assertThat(info.json().path("created").stringValue()).endsWith("Z");
        assertThat(info.json().has("lease")).isFalse();
        assertThat(server.get("/v1/spaces").json().path("spaces").get(0)).isEqualTo(info.json());

        assertThat(server.delete("/v1/spaces/vm1").status()).isEqualTo(204);
        assertThat(server.get("/v1/spaces").body()).isEqualTo("{\"spaces\":[]}\n");
        assertThat(server.get("/v1/spaces/vm1").status()).isEqualTo(404);
        assertThat(server.delete("/v1/spaces/vm1").status()).isEqualTo(404);
    }

    @Test
    void whatWasWrittenOverNbdIsSeen() throws Exception {
        create("{'name': 'vm1', 'size-bytes': 1048576}");
        try (MiniNbd client = server.connect("vm1")) {
            assertThat(client.write(4096, new byte[8192])).isZero();

            RunningServer.Answer info = server.get("/v1/spaces/vm1");
            assertThat(info.json().path("written-pages").longValue()).isEqualTo(2);
            assertThat(info.json().path("connections").intValue()).isEqualTo(1);
        }
    }

    @Test
    void creatingASpaceTwiceIsAConflictAndLeavesTheFirst() throws Exception {
        create("{'name': 'vm1', 'size-bytes': 8192}");

        RunningServer.Answer again = create("{'name': 'vm1', 'size-bytes': 4096}");

        assertThat(again.status()).isEqualTo(409);
        assertThat(again.hint()).contains("delete it first");
        assertThat(server.get("/v1/spaces/vm1").json().path("size-bytes").longValue())
                .isEqualTo(8192);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|is missing",
                "{'name': 'vm1'}|is missing",
                "{'size-bytes': 4096}|is missing",
                "{'name': 'vm1', 'size-bytes': 0}|out of range",
                "{'name': 'vm1', 'size-bytes': -4096}|out of range",
                "{'name': 'vm1', 'size-bytes': 70368744177665}|out of range",
                "{'name': 'vm1', 'size-bytes': 99999999999999999999}|out of range",
                "{'name': 'vm1', 'size-bytes': '4096'}|not a whole number",
                "{'name': 'vm1', 'size-bytes': 4096.5}|not a whole number",
                "{'name': 7, 'size-bytes': 4096}|not a string",
                "{'name': '', 'size-bytes': 4096}|not a name",
                "{'name': '../x', 'size-bytes': 4096}|not a name",
                "{'name': 'a;lease=b', 'size-bytes': 4096}|not a name",
                "{'name': 'a: b', 'size-bytes': 4096}|not a name",
                "{'name': 'vm1', 'size-bytes': 4096, 'quota-bytes': 0}|out of range",
                "{'name': 'vm1', 'size': 4096}|unknown field",
                "[]|not a JSON object",
                "{|not JSON",
            })
    void aWrongRequestIsRefusedAndNothingIsMade(String body, String error) throws Exception {
        RunningServer.Answer answer = create(body);

        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.error()).contains(error);
        assertThat(answer.hint()).isNotEmpty();
        try (var files = Files.list(pool)) {
            assertThat(files.map(file -> file.getFileName().toString())).noneMatch(name -> name.endsWith(".space"));
        }
    }

    @Test
    void aConnectedSpaceIsDeletedOnlyByForceWhichDisconnects() throws Exception {
        create("{'name': 'vm1', 'size-bytes': 1048576}");
        try (MiniNbd first = server.connect("vm1");
                MiniNbd second = server.connect("vm1")) {
            assertThat(first.write(0, new byte[4096])).isZero();

            RunningServer.Answer refused = server.delete("/v1/spaces/vm1");
            assertThat(refused.status()).isEqualTo(409);
            assertThat(refused.error()).isEqualTo("2 clients are connected to space vm1");
            assertThat(refused.hint()).contains("?force=true");
            assertThat(second.write(0, new byte[4096])).isZero();

            assertThat(server.delete("/v1/spaces/vm1?force=true").status()).isEqualTo(204);
            assertThat(first.isDisconnected()).isTrue();
            assertThat(second.isDisconnected()).isTrue();
        }
        assertThat(server.get("/v1/spaces/vm1").status()).isEqualTo(404);
        assertThat(create("{'name': 'vm1', 'size-bytes': 4096}").status()).isEqualTo(201);
    }

    @Test
    void aLeasedSpaceIsDeletedOnlyByForce() throws Exception {
        create("{'name': 'vm1', 'size-bytes': 4096}");
        server.send("POST", "/v1/spaces/vm1/lease", "{'holder': 'agent-a'}");

        assertThat(server.delete("/v1/spaces/vm1").error()).startsWith("space vm1 is leased to agent-a until ");
        assertThat(server.delete("/v1/spaces/vm1?force=true").status()).isEqualTo(204);
    }

    @Test
    void afterARestartEverythingIsThereAndWhatTheFolderGainedOrLostIsPutRight() throws Exception {
        create("{'name': 'kept', 'size-bytes': 8192, 'quota-bytes': 4096}");
        create("{'name': 'lost', 'size-bytes': 8192}");
        String kept = server.get("/v1/spaces/kept").body();
        server.close();
        Files.delete(pool.resolve("lost.space"));
        Files.write(pool.resolve("found.space"), new byte[4096]);

        server = new RunningServer(pool);

        assertThat(server.get("/v1/spaces/kept").body()).isEqualTo(kept);
        assertThat(server.get("/v1/spaces/lost").status()).isEqualTo(404);
        assertThat(server.get("/v1/spaces/found").json().path("size-bytes").longValue())
                .isEqualTo(4096);
        assertThat(server.send("POST", "/v1/spaces/found/lease", "{'holder': 'a'}")
                        .status())
                .isEqualTo(200);
        assertThat(create("{'name': 'lost', 'size-bytes': 4096}").status()).isEqualTo(201);
    }

    private RunningServer.Answer create(String json) throws Exception {
        return server.send("POST", "/v1/spaces", json);
    }
}
