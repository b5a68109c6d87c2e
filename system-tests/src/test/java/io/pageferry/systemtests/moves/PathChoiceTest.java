package io.pageferry.systemtests.moves;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.manifest.SpaceLayout;
import io.pageferry.server.PagingServer;
import io.pageferry.server.PagingServerOptions;
import io.pageferry.server.nbd.NbdServerOptions;
import io.pageferry.testing.TestSeed;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Which path the pages of a migration go by: what was asked for, if it can be had, and never that of another server. */
class PathChoiceTest {
    private static final int MEMORY = 16 << 20;
    private static final Map<String, ?> AUTO = Map.of("path", "auto");
    private static final Map<String, ?> NBD = Map.of("path", "nbd");
    private static final Map<String, ?> DIRECT = Map.of("path", "direct");

    @TempDir
    private Path elsewhere;

    private String at = "a";
    /** Whether a program waits on the other side: after a migration that has failed. */
    private boolean waits;

    @Test
    void pagesGoByThePathThatWasAskedForAndByNoOtherServers() throws Exception {
        long seed = TestSeed.choose(PathChoiceTest.class);
        try (Cluster cluster = Cluster.startDirect("16M", "--path=nbd")) {
            cluster.startAgents("a", "b");
            cluster.startStore("a");
            Ballast ballast = new Ballast(cluster.startGateway(), seed);
            ballast.fill(4 << 20);
            assertThatItGoes(cluster, Map.of(), 0);
            assertThatItGoes(cluster, AUTO, 1);
            assertThatItGoes(cluster, NBD, 0);
            assertThatItGoes(cluster, DIRECT, 1);
            ballast.verify();

            putAway(cluster.directSocket());
            putAway(cluster.nbdSocket());
            anotherServerAnswersThere(cluster);

            Files.createFile(cluster.directSocket());
            assertThatItGoes(cluster, AUTO, 0);
            assertThatItFails(cluster, DIRECT, "cannot reach the direct path");
            Files.delete(cluster.directSocket());
            assertThatItFails(cluster, DIRECT, "the paging server serves no direct path on this host");
            ballast.verify();
        }
    }

    private static void putAway(Path socket) throws IOException {
        Files.move(socket, socket.resolveSibling(socket.getFileName() + ".away"));
    }

    /** At the paths of both sockets: it has a space of the same name, and is left alone with it. */
    private void anotherServerAnswersThere(Cluster cluster) throws Exception {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        PagingServerOptions options = new PagingServerOptions(
                elsewhere.resolve("pool"),
                List.of(anyPort),
                List.of(cluster.nbdSocket()),
                anyPort,
                NbdServerOptions.defaults(),
                Optional.of(cluster.directSocket()));
        try (PagingServer other = PagingServer.start(options);
                Operator its = new Operator(
                        URI.create("http://127.0.0.1:" + other.controlAddress().getPort()))) {
            its.createSpace(SpaceLayout.sizeBytes(MEMORY / SpaceLayout.PAGE_BYTES), 1 << 30);
            assertThatItGoes(cluster, AUTO, 0);
            assertThatItFails(cluster, DIRECT, "cannot open the paging space by the direct path");
            assertThat(its.space().path("written-pages").asInt(-1)).isZero();
            assertThat(its.space().path("used-bytes").asInt(-1)).isZero();
        }
    }

    private void assertThatItGoes(Cluster cluster, Map<String, ?> options, int direct) throws Exception {
        JsonNode done = cluster.operator().await(begin(cluster, options), "completed");
        at = done.path("target").asString();
        waits = false;
        for (String side : List.of("source-progress", "target-progress")) {
            assertThat(Figures.of(done.path(side), "direct-path"))
                    .as(side + " of " + options)
                    .isEqualTo(direct);
            assertThat(done.path(side).has("path-fallbacks")).isFalse();
        }
    }

    private void assertThatItFails(Cluster cluster, Map<String, ?> options, String error) throws Exception {
        JsonNode failed = cluster.operator().await(begin(cluster, options), "failed");
        waits = true;
        assertThat(failed.path("error").asString()).contains(error);
        cluster.operator().awaitRunningOn(at);
    }

    private String begin(Cluster cluster, Map<String, ?> options) throws Exception {
        String other = at.equals("a") ? "b" : "a";
        if (!waits) cluster.startTwin(other);
        cluster.operator().awaitIncoming(other);
        return cluster.operator().migrate(other, options);
    }
}
