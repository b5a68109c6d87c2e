package io.pageferry.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.agent.cli.PageferryMain;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The operator's command against a real server. */
class CliTest {
    @TempDir
    private Path pool = Path.of("");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void aSpaceLivesFromCreateToDelete() throws Exception {
        try (TestServer server = new TestServer(pool)) {
            assertThat(run(server, "space create vm1 --size 1G --quota 512M")).isZero();
            assertThat(run(server, "space list")).isZero();
            assertThat(run(server, "space info vm1")).isZero();
            assertThat(run(server, "space delete vm1")).isZero();
            assertThat(run(server, "space list")).isZero();
        }
        assertThat(err.toString()).isEmpty();
        assertThat(out.toString().lines())
                .startsWith(
                        "created space vm1 of 1 GiB",
                        "NAME   SIZE  USED    QUOTA  PAGES  CLIENTS  LEASE",
                        "vm1   1 GiB   0 B  512 MiB      0        0  -",
                        "name           vm1",
                        "size           1 GiB (1073741824 bytes)")
                .endsWith("deleted space vm1", "NAME  SIZE  USED  QUOTA  PAGES  CLIENTS  LEASE");
    }

    @Test
    void jsonIsTheAnswerOfTheServer() throws Exception {
        try (TestServer server = new TestServer(pool)) {
            assertThat(run(server, "space create vm1 --size 4096 --json")).isZero();
        }
        JsonNode json = JsonMapper.shared().readTree(out.toString());
        assertThat(json.path("size-bytes").longValue()).isEqualTo(4096);
    }

    @Test
    void whatTheServerRefusesIsOneLineAndExitCode1() throws Exception {
        try (TestServer server = new TestServer(pool)) {
            assertThat(run(server, "space info vm1")).isEqualTo(1);
            assertThat(run(server, "space delete ../etc --force")).isEqualTo(1);
            assertThat(run(server, "space create a/b --size 1G")).isEqualTo(1);
            assertThat(run(server, "space create vm1 --size 65T")).isEqualTo(1);
            assertThat(run(server, "space create vm1 --size 0")).isEqualTo(1);
            assertThat(run(server, "space list --json")).isZero();
        }
        assertThat(err.toString().lines()).hasSize(5).allMatch(line -> line.matches("pageferry: .+ \\(.+\\)"));
        assertThat(out).hasToString("{\"spaces\":[]}\n");
    }

    private int run(TestServer server, String command) {
        List<String> arguments = new ArrayList<>(List.of(command.split(" ")));
        arguments.add("--server=" + server.controlUrl());
        return PageferryMain.run(new PrintWriter(out), new PrintWriter(err), arguments.toArray(String[]::new));
    }
}
