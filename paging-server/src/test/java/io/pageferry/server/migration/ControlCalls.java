package io.pageferry.server.migration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A plain HTTP client of the control API, for tests: it knows the contract, and no class of the server. */
final class ControlCalls implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final HttpClient http = HttpClient.newHttpClient();
    private final String server;

    ControlCalls(String server) {
        this.server = server;
    }

    /** An answer; {@code body} is a missing node where there is none. */
    record Reply(int status, JsonNode body) {
        JsonNode ok() {
            assertThat(status).as(body.toString()).isBetween(200, 299);
            return body;
        }

        Reply refused(int expected, String... words) {
            assertThat(status).as(body.toString()).isEqualTo(expected);
            assertThat(body.path("error").asString()).isNotEmpty();
            for (String word : words) {
                assertThat(body.path("error").asString()).contains(word);
            }
            assertThat(body.path("hint").asString()).isNotEmpty();
            return this;
        }
    }

    Reply get(String path, String... session) {
        return send("GET", path, "", session);
    }

    Reply post(String path, String json, String... session) {
        return send("POST", path, json, session);
    }

    Reply put(String path, String json, String... session) {
        return send("PUT", path, json, session);
    }

    Reply delete(String path, String... session) {
        return send("DELETE", path, "", session);
    }

    /** An answer ({@code json} may be empty: no body), or an UncheckedIOException where the server died over it. */
    Reply send(String method, String path, String json, String... session) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server + path))
                .timeout(Duration.ofSeconds(70))
                .method(method, json.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(json));
        if (!json.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        if (session.length > 0) {
            request.header("Pageferry-Session", session[0]);
        }
        try {
            HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
            String body = response.body();
            return new Reply(response.statusCode(), body.isEmpty() ? JSON.missingNode() : JSON.readTree(body));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
