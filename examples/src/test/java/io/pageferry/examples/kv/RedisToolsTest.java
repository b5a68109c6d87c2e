package io.pageferry.examples.kv;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.RequiredTool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Redis' own tools take the store for a Redis. */
class RedisToolsTest {
    private KvTestServer kv;

    @BeforeEach
    void start() throws IOException {
        kv = KvTestServer.running(64L << 20);
    }

    @AfterEach
    void stop() {
        kv.close();
    }

    @Test
    void redisCliSpeaksBothVersionsOfTheProtocol() throws Exception {
        assertThat(run("redis-cli", "SET", "a", "1")).isEqualTo("OK\n");
        assertThat(run("redis-cli", "-3", "GET", "a")).isEqualTo("1\n");
        assertThat(run("redis-cli", "-3", "GET", "b")).isEqualTo("\n");
        assertThat(run("redis-cli", "--scan")).isEqualTo("a\n");
        assertThat(run("redis-cli", "-3", "CONFIG", "GET", "save")).isEqualTo("save \n");
        assertThat(run("redis-cli", "INFO", "keyspace")).contains("db0:keys=1,expires=0");
        assertThat(run("redis-cli", "COMMAND", "COUNT").strip()).containsOnlyDigits();
    }

    @Test
    void redisBenchmarkRuns() throws Exception {
        String output = run(
                "redis-benchmark",
                "-t",
                "ping,set,get,incr,mset",
                "-P",
                "16",
                "-c",
                "50",
                "-n",
                "20000",
                "-r",
                "5000",
                "-q");
        assertThat(output).contains("SET:", "GET:", "INCR:", "MSET").doesNotContain("Error");
    }

    private String run(String tool, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(RequiredTool.find(tool, "redis-tools").toString());
        command.addAll(List.of("-h", "127.0.0.1", "-p", Integer.toString(kv.port())));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }
}
