package io.pageferry.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.RequiredTool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Runs every curl command of docs/control-api.md, in order, against a real server, and holds the answers against the document's. */
class ControlApiDocTest {
    private static final Pattern EXAMPLE =
            Pattern.compile("(?ms)^```sh\\n(curl .*?)^```(?:\\n\\n```json\\n(.*?)^```)?");
    private static final String DOCUMENTED_ADDRESS = "http://127.0.0.1:10880";
    private static final JsonMapper MAPPER = JsonMapper.shared();

    @TempDir
    private Path pool = Path.of("");

    /** The token of the last answer that had one: what a reader puts for TOKEN. */
    private String token = "";

    /** The session of the last agent that registered: what a reader puts for SESSION. */
    private String session = "";

    /** The lease token that an agent was last shown: what a reader puts for LEASE-TOKEN. */
    private String leaseToken = "";

    @Test
    void everyDocumentedCommandWorksAndAnswersAsDocumented() throws Exception {
        RequiredTool.find("curl", "curl");
        String document = ProjectFiles.read(ProjectFiles.HOME.resolve("docs/control-api.md"));
        List<MatchResult> examples = EXAMPLE.matcher(document).results().toList();
        assertThat(examples).hasSizeGreaterThanOrEqualTo(12);

        try (TestServer server = new TestServer(pool)) {
            for (MatchResult example : examples) {
                check(server, example.group(1), example.group(2) == null ? "" : example.group(2));
            }
        }
    }

    private void check(TestServer server, String command, String documented) throws Exception {
        String answer = run(command.replace(DOCUMENTED_ADDRESS, server.controlUrl())
                .replace("\"TOKEN\"", "\"" + token + "\"")
                .replace("LEASE-TOKEN", leaseToken)
                .replace("Pageferry-Session: SESSION", "Pageferry-Session: " + session));
        if (!documented.isEmpty()) {
            JsonNode json = MAPPER.readTree(answer);
            assertThat(fields("", json)).as(command + answer).isEqualTo(fields("", MAPPER.readTree(documented)));
            token = json.path("token").asString(token);
            session = json.path("session").asString(session);
            leaseToken = json.findPath("lease-token").asString(leaseToken);
        }
    }

    private static String run(String command) throws IOException, InterruptedException {
        // --fail-with-body: a status of 400 or more ends with an exit code that is not 0.
        String strict = command.replaceFirst("^curl ", "curl --silent --show-error --fail-with-body --max-time 30 ");
        Process shell = new ProcessBuilder("/bin/sh", "-c", strict)
                .redirectErrorStream(true)
                .start();
        String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(shell.waitFor()).as(command + output).isZero();
        return output;
    }

    /** The paths and types of all fields, which is what the document promises; values differ from run to run. */
    private static Set<String> fields(String path, JsonNode json) {
        Set<String> found = new TreeSet<>();
        json.properties().forEach(field -> found.addAll(fields(path + "/" + field.getKey(), field.getValue())));
        json.values().forEach(element -> {
            if (json.isArray()) {
                found.addAll(fields(path + "[]", element));
            }
        });
        if (json.isValueNode()) {
            found.add(path + " " + json.getNodeType());
        }
        return found;
    }
}
