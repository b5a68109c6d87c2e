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
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A paging server as a process of its own, its pool in memory, on ports that the system chose and on a Unix socket. */
final class ServerProcess implements AutoCloseable {
    private final Path folder;
    private final Path socket;
    private final Path pool;
    private final List<String> jvmFlags;
    private final List<String> arguments;
    private final List<InetSocketAddress> addresses = new ArrayList<>();
    private ChildJvm process;
    private String transport = "";
    private String control = "";

    private ServerProcess(Path folder, Path pool, List<String> jvmFlags, List<String> arguments) {
        this.folder = folder;
        this.socket = folder.resolve("nbd.sock");
        this.pool = pool;
        this.jvmFlags = jvmFlags;
        this.arguments = arguments;
        this.process = start();
    }

    /** A server under more JVM flags, such as another transport's. */
    static ServerProcess start(String name, String... jvmFlags) throws IOException {
        Path folder = folder(name);
        return new ServerProcess(folder, folder.resolve("pool"), List.of(jvmFlags), List.of());
    }

    /** A server with more options on its command line. */
    static ServerProcess withArguments(String name, String... arguments) throws IOException {
        Path folder = folder(name);
        return new ServerProcess(folder, folder.resolve("pool"), List.of(), List.of(arguments));
    }

    /** A server whose pool is elsewhere, such as on a slow disk. */
    static ServerProcess onPool(String name, Path pool) throws IOException {
        return new ServerProcess(folder(name), pool, List.of(), List.of());
    }

    private static Path folder(String name) throws IOException {
        return Files.createTempDirectory(Path.of("/dev/shm"), "pageferry-" + name);
    }

    private ChildJvm start() {
        List<String> all = new ArrayList<>(
                List.of("--pool=" + pool, "--listen=127.0.0.1:0", "--unix=" + socket, "--control=127.0.0.1:0"));
        all.addAll(arguments);
        addresses.clear();
        ChildJvm started = ChildJvm.start(jvmFlags, PagingServerMain.class, all.toArray(String[]::new));
        while (true) {
            String line = started.nextLine();
            if (line.startsWith("pool ")) {
                transport = line.substring(line.lastIndexOf(' ') + 1);
            } else if (line.startsWith("listening on nbd://")) {
                URI uri = URI.create(line.substring("listening on ".length()));
                addresses.add(new InetSocketAddress(uri.getHost(), uri.getPort()));
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

    /** The TCP port on the loopback interface. */
    int port() {
        return addresses.getFirst().getPort();
    }

    /** The TCP address of the last {@code --listen}. */
    InetSocketAddress lastAddress() {
        return addresses.getLast();
    }

    /** What a resource of the control API answers. */
    String get(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(control + path)).build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        }
    }

    /** What the server says it uses: {@code epoll} or {@code NIO}. */
    String transport() {
        return transport;
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
        kill();
        restart();
    }

    /** {@code kill -9}. */
    void kill() {
        process.close();
    }

    void restart() {
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
