package io.pageferry.systemtests.interop;

import io.pageferry.nbd.client.NbdUri;
import io.pageferry.server.PagingServerMain;
import io.pageferry.testing.ChildJvm;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A paging server as a process of its own, its pool in memory, on ports that the system chose and on a Unix socket. */
final class ServerProcess implements AutoCloseable {
    private final Path folder;
    private final Path socket;
    private final Path pool;
    private ChildJvm process;
    private InetSocketAddress nbd = InetSocketAddress.createUnresolved("nowhere", 0);
    private String control = "";

    private ServerProcess(Path folder) {
        this.folder = folder;
        this.socket = folder.resolve("nbd.sock");
        this.pool = folder.resolve("pool");
        this.process = start();
    }

    static ServerProcess start(String name) throws IOException {
        return new ServerProcess(Files.createTempDirectory(Path.of("/dev/shm"), "pageferry-" + name));
    }

    private ChildJvm start() {
        ChildJvm started = ChildJvm.start(
                PagingServerMain.class,
                "--pool=" + pool,
                "--listen=127.0.0.1:0",
                "--unix=" + socket,
                "--control=127.0.0.1:0");
        while (true) {
            String line = started.nextLine();
            if (line.startsWith("listening on nbd://")) {
                URI uri = URI.create(line.substring("listening on ".length()));
                nbd = new InetSocketAddress(uri.getHost(), uri.getPort());
            } else if (line.startsWith("control API on ")) {
                control = line.substring("control API on ".length());
                return started;
            }
        }
    }

    /** Makes a space of this size, all of it a hole. */
    void create(String space, long sizeBytes) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(control + "/v1/spaces"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"name\": \"%s\", \"size-bytes\": %d}".formatted(space, sizeBytes)))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 201) {
                throw new IllegalStateException("creating " + space + ": " + answer.body());
            }
        }
    }

    int port() {
        return nbd.getPort();
    }

    Path socket() {
        return socket;
    }

    /** {@code nbd://}, for another client's command line. */
    String tcp(String space) {
        return "nbd://127.0.0.1:" + port() + "/" + space;
    }

    /** {@code nbd+unix://}, for another client's command line. */
    String unix(String space) {
        return "nbd+unix:///" + space + "?socket=" + socket;
    }

    /** For our own client. */
    NbdUri uri(String space) {
        return NbdUri.unix(socket, space);
    }

    /** {@code kill -9}, and a start anew on the same pool and the same Unix socket. */
    void killAndRestart() {
        process.close();
        process = start();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() throws IOException {
        process.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }
}
