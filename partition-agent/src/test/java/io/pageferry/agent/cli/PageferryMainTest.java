package io.pageferry.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageferryMainTest {
    private static final String SPACE =
            "{\"name\":\"vm1\",\"size-bytes\":1073741824,\"connections\":2,\"lease\":{\"holder\":\"a\"}}\n";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void createSendsTheSizeInBytes() throws IOException {
        try (ScriptedServer server = new ScriptedServer(201, SPACE)) {
            assertThat(run(server, "space create vm1 --size 1G --quota 1.5K")).isZero();
            assertThat(server.requests())
                    .containsExactly(
                            "POST /v1/spaces {\"name\":\"vm1\",\"size-bytes\":1073741824,\"quota-bytes\":1536}");
        }
        assertThat(out).hasToString("created space vm1 of 1 GiB\n");
    }

    @Test
    void listAlignsItsColumnsAndShowsWhatIsNotKnownAsAHyphen() throws IOException {
        try (ScriptedServer server = new ScriptedServer(200, "{\"spaces\":[" + SPACE.strip() + "]}\n")) {
            assertThat(run(server, "space list")).isZero();
        }
        assertThat(out.toString().lines())
                .containsExactly(
                        "NAME   SIZE  USED  QUOTA  PAGES  CLIENTS  LEASE", //
                        "vm1   1 GiB     -      -      -        2  a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--json space info vm1", "space --json info vm1", "space info vm1 --json"})
    void jsonIsExactlyWhatTheServerAnsweredWhereverTheOptionStands(String command) throws IOException {
        try (ScriptedServer server = new ScriptedServer(200, SPACE)) {
            assertThat(run(server, command)).isZero();
        }
        assertThat(out).hasToString(SPACE);
    }

    @Test
    void aNameIsEncodedIntoThePath() throws IOException {
        try (ScriptedServer server = new ScriptedServer(204, "")) {
            assertThat(run(server, "space delete a/b?c --force")).isZero();
            assertThat(server.requests()).containsExactly("DELETE /v1/spaces/a%2Fb%3Fc?force=true");
        }
        assertThat(out).hasToString("deleted space a/b?c\n");
    }

    @Test
    void aRefusalIsOneLineWithTheHint() throws IOException {
        try (ScriptedServer server = new ScriptedServer(409, "{\"error\":\"it exists\",\"hint\":\"delete it\"}")) {
            assertThat(run(server, "space create vm1 --size 4096")).isEqualTo(1);
        }
        assertThat(err).hasToString("pageferry: it exists (delete it)\n");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void whoeverAnswersWithoutJsonIsNotAPagingServer() throws IOException {
        try (ScriptedServer server = new ScriptedServer(200, "<html>\n<h1>Hello</h1>")) {
            assertThat(run(server, "space list")).isEqualTo(1);
        }
        try (ScriptedServer server = new ScriptedServer(502, "Bad Gateway")) {
            assertThat(run(server, "space list")).isEqualTo(1);
        }
        assertThat(err.toString().lines()).hasSize(2).allMatch(line -> line.contains("is not a paging server"));
    }

    @Test
    void aServerThatIsNotThereIsOneLineThatSaysWhichAndHowToStartIt() throws IOException {
        ScriptedServer server = new ScriptedServer(200, "");
        server.close();

        assertThat(run(server, "space list")).isEqualTo(1);
        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .contains("no paging server at " + server.url(), "scripts/paging-server.sh --pool DIR", "--server");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "space",
                "nothing",
                "space make x",
                "space create",
                "space create x",
                "space create x --size 1KB",
                "space create x --size -1",
                "space create x y --size 1G",
                "space list x",
                "space info",
                "--server here space list",
                "--server ftp://x space list",
                "space list --server",
                "space list --forse"
            })
    void aWrongCommandIsOneLineThatSaysWhereHelpIsAndExitCode2(String command) {
        assertThat(run(command.isEmpty() ? List.of() : List.of(command.split(" "))))
                .isEqualTo(2);
        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .startsWith("pageferry: ")
                .containsPattern("; try pageferry( space)?( \\w+)? --help$");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void helpSaysWhatThereIs() {
        assertThat(run(List.of("space", "create", "--help"))).isZero();
        assertThat(out.toString()).contains("--size=SIZE", "--quota=SIZE", "--server=URL", "--json", "NAME");
    }

    private int run(ScriptedServer server, String command) {
        List<String> arguments = new ArrayList<>(List.of(command.split(" ")));
        arguments.add("--server=" + server.url());
        return run(arguments);
    }

    private int run(List<String> arguments) {
        return PageferryMain.run(new PrintWriter(out), new PrintWriter(err), arguments.toArray(String[]::new));
    }
}
