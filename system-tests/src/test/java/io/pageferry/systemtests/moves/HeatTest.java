package io.pageferry.systemtests.moves;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.systemtests.CliProcess;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What an operator sees of a partition's heat: by the control API, as a table, as JSON and as a picture. */
class HeatTest {
    private static final int KEYS = 1500;
    private static final int DATA_BIT = 1 << 5;

    @TempDir
    private Path folder;

    @Test
    void theHeatThatAnAgentSamplesIsShownAsTableMapAndPicture() throws Exception {
        try (Cluster cluster = Cluster.start("16M", "--heat-interval=0.2")) {
            cluster.startAgents("a");
            cluster.startStore("a");
            int gateway = cluster.startGateway();
            try (Jedis client = Clients.connect(gateway)) {
                for (int key = 0; key < KEYS; key++) client.set("key-" + key, "x".repeat(2000));
                JsonNode heat = awaitHotPages(cluster, client);
                JsonNode counts = heat.path("counts");
                long pages = sum(counts.path("read-only")) + sum(counts.path("read-write"));
                assertThat(heat.path("page-count").asLong()).isEqualTo(4096);
                assertThat(pages + counts.path("holes").asLong()).isEqualTo(4096);
                assertThat(pages).as("pages that hold something").isBetween(KEYS * 2000L / 4096, 4000L);
                assertThat(countOfData(heat.path("cells").binaryValue())).isEqualTo(pages);
                assertTextAndPicture(cluster);
            }
        }
    }

    @Test
    void aPartitionOfWhichNothingWasReportedIsRefusedInOneLine() throws Exception {
        try (Cluster cluster = Cluster.start("16M")) {
            cluster.startAgents("a");
            cluster.startStore("a");
            for (String partition : List.of("nobody", Cluster.PARTITION)) {
                CliProcess refused = heat(cluster, partition);
                assertThat(refused.exitCode()).isEqualTo(1);
                assertThat(refused.out()).isEmpty();
                assertThat(refused.err().lines()).singleElement().asString().startsWith("pageferry: ");
            }
        }
    }

    private static JsonNode awaitHotPages(Cluster cluster, Jedis client) throws Exception {
        String last = "";
        for (int i = 0; i < 300; i++) {
            for (int use = 0; use < 20; use++) client.incr("counter");
            CliProcess shown = heat(cluster, Cluster.PARTITION, "--json");
            last = shown.out() + shown.err();
            if (shown.exitCode() != 0) continue;
            JsonNode heat = JsonMapper.shared().readTree(shown.out());
            // A report of a moment at which the keys were still coming says too little.
            boolean isWhole = countOfData(heat.path("cells").binaryValue()) >= KEYS * 2000L / 4096;
            if (isWhole && heat.path("counts").path("read-write").path("hot").asLong() > 0) return heat;
        }
        throw new AssertionError("no page became hot: " + last);
    }

    private void assertTextAndPicture(Cluster cluster) throws Exception {
        Path file = folder.resolve("heat.png");
        CliProcess shown = heat(cluster, Cluster.PARTITION, "--png", file.toString());
        assertThat(shown.exitCode()).as(shown.err()).isZero();
        assertThat(shown.out()).contains("CLASS", "READ-ONLY", "READ-WRITE", "4096 pages, of which");
        assertThat(shown.out().lines().filter(line -> line.startsWith("|") && line.endsWith("|")))
                .hasSizeGreaterThan(10);
        BufferedImage picture = ImageIO.read(file.toFile());
        assertThat(picture.getWidth()).as("64 by 64 cells").isEqualTo(64 * 3);
        assertThat(picture.getHeight()).isEqualTo(64 * 3);
        assertThat(picture.getRGB(0, 0) & 0xffffff)
                .as("the store's header holds something")
                .isNotZero();
    }

    private static CliProcess heat(Cluster cluster, String partition, String... options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("heat", partition, "--server=" + cluster.control()));
        arguments.addAll(List.of(options));
        return CliProcess.run(arguments.toArray(String[]::new));
    }

    private static long sum(JsonNode classes) {
        return classes.valueStream().mapToLong(JsonNode::asLong).sum();
    }

    private static long countOfData(byte[] cells) {
        long count = 0;
        for (byte cell : cells) count += (cell & DATA_BIT) == 0 ? 0 : 1;
        return count;
    }
}
