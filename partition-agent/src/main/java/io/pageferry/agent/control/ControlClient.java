package io.pageferry.agent.control;

import io.pageferry.agent.control.ControlException.Refused;
import io.pageferry.agent.control.ControlException.Unreachable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Sends requests to the control API and returns what it answers. Bodies are records or maps, names in kebab-case on the wire.
 * Every method throws {@link Refused} or {@link Unreachable}, and {@link InterruptedException} when its thread is interrupted.
 * Thread-safe.
 */
public final class ControlClient implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);

    private static final int REHEARSED_QUESTIONS = 300;

    private final URI server;
    private final HttpClient http;
    private volatile String session = "";

    /** A client of the server at {@code server}, such as {@code http://127.0.0.1:10880}. Connects when it is first used. */
    public ControlClient(URI server) {
        this.server = server;
        http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .build();
    }

    /** Names the session that every request from now on belongs to; empty for none. */
    public void setSession(String token) {
        session = token;
    }

    public Answer get(String path) throws InterruptedException {
        return get(path, ANSWER_TIMEOUT);
    }

    /** A long poll: the answer may take up to {@code timeout}. */
    public Answer get(String path, Duration timeout) throws InterruptedException {
        return send("GET", path, BodyPublishers.noBody(), timeout);
    }

    public Answer post(String path, Object body) throws InterruptedException {
        return send("POST", path, json(body), ANSWER_TIMEOUT);
    }

    /** A POST without a body. */
    public Answer post(String path) throws InterruptedException {
        return send("POST", path, BodyPublishers.noBody(), ANSWER_TIMEOUT);
    }

    public Answer put(String path, Object body) throws InterruptedException {
        return send("PUT", path, json(body), ANSWER_TIMEOUT);
    }

    public Answer delete(String path) throws InterruptedException {
        return send("DELETE", path, BodyPublishers.noBody(), ANSWER_TIMEOUT);
    }

    public Answer delete(String path, Object body) throws InterruptedException {
        return send("DELETE", path, json(body), ANSWER_TIMEOUT);
    }

    /**
     * Asks how the server is so often that the code of asking is compiled, here and there: when it matters, at a hand-over, a question
     * in the interpreter takes milliseconds.
     */
    public void rehearse() throws InterruptedException {
        for (int i = 0; i < REHEARSED_QUESTIONS; i++) get("/v1/health");
    }

    /** A path of these segments, each encoded: {@code path("v1", "spaces", name)}. */
    public static String path(String... segments) {
        return Arrays.stream(segments)
                .map(segment ->
                        URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20"))
                .collect(Collectors.joining("/", "/", ""));
    }

    private static BodyPublisher json(Object body) {
        return BodyPublishers.ofString(ControlJson.write(body));
    }

    private Answer send(String method, String path, BodyPublisher body, Duration timeout) throws InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve(path))
                .method(method, body)
                .timeout(timeout);
        if (body.contentLength() > 0) {
            request.header("Content-Type", "application/json");
        }
        if (!session.isEmpty()) {
            request.header("Pageferry-Session", session);
        }
        try {
            return answer(http.send(request.build(), BodyHandlers.ofString()));
        } catch (ConnectException | HttpConnectTimeoutException e) {
            throw new Unreachable(
                    "no paging server at " + server
                            + ": start one with scripts/paging-server.sh --pool DIR, or name another with --server",
                    true);
        } catch (IOException e) {
            String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new Unreachable("the paging server at " + server + " gave no answer: " + why, false);
        }
    }

    private Answer answer(HttpResponse<String> response) {
        if (response.statusCode() >= 200 && response.statusCode() < 300) {
            return new Answer(response.statusCode(), response.body(), ControlJson.read(response.body(), server));
        }
        throw ControlJson.refused(response.statusCode(), response.body(), server);
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
