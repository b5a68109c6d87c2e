package io.pageferry.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.RequiredTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The comparison of ways to migrate, in small: that each figure of its tables is measured, not which. */
class BenchScriptTest {
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final List<String> WAYS = List.of("direct", "nbd-unix", "network-1");
    private static final String NAME = "benchmarks-migration";

    @TempDir
    private Path folder;

    @Test
    void everyColumnOfEveryWayIsMeasuredAndDrawn() throws IOException, InterruptedException {
        RequiredTool.find("python3", "python3");
        Path document = ProjectFiles.HOME.resolve("docs").resolve(NAME + ".md");
        String documentBefore = ProjectFiles.read(document);
        run(
                "bench.sh",
                "--out=" + folder,
                "--sizes=64",
                "--writes=10",
                "--rounds=1",
                "--warm-up=1",
                "--settle=0",
                "--ways=" + String.join(",", WAYS));

        JsonNode json = JsonMapper.shared().readTree(ProjectFiles.read(folder.resolve(NAME + ".json")));
        JsonNode ways = json.path("cases").path("64 MiB, random, 10% writes").path("rounds");
        assertThat(json.path("columns")).hasSizeGreaterThan(8);
        for (String way : WAYS) {
            assertThat(ways.path(way)).as(way).hasSize(1);
            JsonNode round = ways.path(way).get(0);
            for (JsonNode column : json.path("columns")) {
                assertThat(round.path(column.asString()).isNumber())
                        .as(way + ": " + column.asString() + " in " + round)
                        .isTrue();
            }
            assertThat(round.path("sent-mib").asDouble()).as("all of it").isGreaterThanOrEqualTo(64);
            double asked = round.path("asked-writes-s").asDouble();
            assertThat(asked).as("it goes by what the way has carried").isPositive();
            assertThat(round.path("writes-s").asDouble())
                    .as("the load in " + round)
                    .isGreaterThan(asked / 2);
            assertThat(round.path("client-p99-us").asDouble()).isPositive();
        }
        String picture = ProjectFiles.read(folder.resolve(NAME + "-64-random-10-writes.svg"));
        assertThat(picture).contains(WAYS).contains("first-pass", "downtime");
        assertThat(ProjectFiles.read(folder.resolve(NAME + ".md"))).contains("](" + NAME + "-64-random-10-writes.svg)");
        assertThat(ProjectFiles.read(document)).isEqualTo(documentBefore);
    }

    /** With itself: the figures are what they are, but there are some of both sides. */
    @Test
    void twoCheckoutsAreComparedByPairs() throws IOException, InterruptedException {
        RequiredTool.find("python3", "python3");
        String said = run("bench-pairs.sh", ".", "--size=64", "--rounds=2", "--warm-up=1", "--ways=direct,nbd-unix");
        for (String way : List.of("direct", "nbd-unix")) assertThat(said).containsPattern("(?m)^" + way + ", 2 pairs;");
        String number = " +[0-9.e+-]+";
        for (String figure : List.of("total-ms", "eviction-ms", "cpu-s")) {
            assertThat(said)
                    .containsPattern("(?m)^  " + figure + number + number + number + " \\([0-9.]+ to [0-9.]+\\)$");
        }
        assertThat(said).containsPattern("(?m)^    source first-pass" + number + number + "$");
    }

    @Test
    void aCongestionControlThatIsNotToBeHadIsRefusedBeforeAnythingBegins() throws IOException, InterruptedException {
        RequiredTool.find("python3", "python3");
        String said = run(1, "bench.sh", "--out=" + folder, "--sizes=64", "--tcp=none-such");
        assertThat(said)
                .contains("none-such", "tcp_available_congestion_control")
                .doesNotContain("warm-up");
    }

    private String run(String script, String... options) throws IOException, InterruptedException {
        return run(0, script, options);
    }

    private String run(int exitValue, String script, String... options) throws IOException, InterruptedException {
        Path log = folder.resolve("log");
        ProcessBuilder builder = new ProcessBuilder("scripts/" + script);
        builder.command().addAll(List.of(options));
        builder.environment().put("PAGEFERRY_JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        builder.directory(ProjectFiles.HOME.toFile()).redirectErrorStream(true).redirectOutput(log.toFile());
        Process process = builder.start();
        try {
            assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .as(Files.readString(log))
                    .isTrue();
            assertThat(process.exitValue()).as(Files.readString(log)).isEqualTo(exitValue);
            return Files.readString(log);
        } finally {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        }
    }
}
