package io.pageferry.server.control;

import io.pageferry.server.PagingServer;
import io.pageferry.server.PagingServerOptions;
import io.pageferry.server.nbd.NbdServerOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A whole paging server on ports of its own, with a client of its control API. */
final class RunningServer implements AutoCloseable {
    private static final JsonMapper MAPPER = JsonMapper.shared();

    private final PagingServer server;
    private final HttpClient http = HttpClient.newHttpClient();

    RunningServer(Path pool) throws IOException {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        server = PagingServer.start(
                new PagingServerOptions(pool, List.of(anyPort), List.of(), anyPort, NbdServerOptions.defaults()));
    }

    /** An answer of the API. */
    record Answer(int status, String body, HttpResponse<String> response) {
        JsonNode json() {
            return MAPPER.readTree(body);
        }

        String error() {
            return json().path("error").stringValue();
        }

        String hint() {
            return json().path("hint").stringValue();
        }
    }

    Answer get(String path) throws Exception {
        return send(request(path));
    }

    Answer delete(String path) throws Exception {
        return send(request(path).DELETE());
    }

    /** Sends a body of JSON, in which single quotes stand for double ones. */
    Answer send(String method, String path, String json, String... moreHeaders) throws Exception {
        HttpRequest.Builder request = request(path)
                .method(method, BodyPublishers.ofString(json.replace('\'', '"')))
                .header("Content-Type", "application/json");
        return send(moreHeaders.length == 0 ? request : request.headers(moreHeaders));
    }

    private Answer send(HttpRequest.Builder request) throws Exception {
        HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
        return new Answer(response.statusCode(), response.body(), response);
    }

    private HttpRequest.Builder request(String path) {
        InetSocketAddress address = server.controlAddress();
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + path));
    }

    /** Connects an NBD client. */
    MiniNbd connect(String export) throws IOException {
        return new MiniNbd(server.addresses().getFirst(), export);
    }

    PagingServer server() {
        return server;
    }

    @Override
    public void close() throws IOException {
        http.shutdownNow();
        server.close();
    }
}
