package io.pageferry.server.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HealthAndMetricsApiTest {
    @TempDir
    private Path folder = Path.of("");

    private RunningServer server;

    @BeforeEach
    void start() throws Exception {
        server = new RunningServer(folder.resolve("pool"));
        server.send("POST", "/v1/spaces", "{'name': 'vm1', 'size-bytes': 1048576}");
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void aServerThatCanWorkIsHealthy() throws Exception {
        RunningServer.Answer health = server.get("/v1/health");

        assertThat(health.status()).isEqualTo(200);
        assertThat(health.json().path("status").stringValue()).isEqualTo("ok");
        assertThat(health.json().path("uptime-ms").longValue()).isPositive();
        assertThat(health.json().has("problem")).isFalse();
    }

    @Test
    void aServerWhosePoolIsGoneIsNotHealthyAndSaysWhy() throws Exception {
        Files.move(folder.resolve("pool"), folder.resolve("elsewhere"));

        RunningServer.Answer health = server.get("/v1/health");

        assertThat(health.status()).isEqualTo(503);
        assertThat(health.json().path("status").stringValue()).isEqualTo("failing");
        assertThat(health.json().path("problem").stringValue()).contains("is not a folder");
        Files.move(folder.resolve("elsewhere"), folder.resolve("pool"));
    }

    @Test
    void metricsCountWhatClientsDo() throws Exception {
        try (MiniNbd client = server.connect("vm1")) {
            client.write(0, new byte[8192]);
            client.flush();
            client.write(1L << 40, new byte[1]);

            assertThat(scrape())
                    .contains(
                            "pageferry_nbd_connections 1.0\n",
                            "pageferry_nbd_requests_total{command=\"write\"} 2.0\n",
                            "pageferry_nbd_requests_total{command=\"flush\"} 1.0\n",
                            "pageferry_nbd_flush_seconds_count 1\n",
                            "pageferry_nbd_received_bytes_total 8193.0\n",
                            "pageferry_space_size_bytes{space=\"vm1\"} 1048576.0\n",
                            "pageferry_space_written_pages{space=\"vm1\"} 2.0\n",
                            "pageferry_space_connections{space=\"vm1\"} 1.0\n",
                            "jvm_memory_used_bytes{",
                            "process_resident_private_bytes ")
                    .containsPattern("pageferry_nbd_errors_total\\{code=\"(EINVAL|ENOSPC)\"} 1.0\n");
        }
    }

    @Test
    void aDeletedSpaceLeavesTheMetrics() throws Exception {
        assertThat(scrape()).contains("space=\"vm1\"");

        server.delete("/v1/spaces/vm1");

        assertThat(scrape()).doesNotContain("space=\"vm1\"");
    }

    private String scrape() throws Exception {
        RunningServer.Answer metrics = server.get("/metrics");
        assertThat(metrics.status()).isEqualTo(200);
        assertThat(metrics.response().headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
        return metrics.body();
    }
}
