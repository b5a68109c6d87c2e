package io.pageferry.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ApiServerTest {
    private final HttpClient client = HttpClient.newHttpClient();
    private final CountDownLatch polled = new CountDownLatch(1);
    private final AtomicInteger polling = new AtomicInteger();
    private ApiServer server;

    @BeforeEach
    void start() throws IOException {
        server = ApiServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), new Router(List.of(this::routes)));
    }

    @AfterEach
    void stop() {
        server.close();
        client.close();
    }

    private List<Route> routes() {
        return List.of(
                Route.get("/echo/{name}", request -> Reply.ok(Map.of("name", request.variable("name")))),
                Route.json(
                        "POST",
                        "/echo",
                        request -> Reply.created("/echo/x", request.fields("n").wholeNumber("n", "things", 0, 9))),
                Route.delete("/echo/{name}", request -> Reply.ok(request.flag("force")))
                        .withQuery("force"),
                Route.get("/defect", request -> {
                    throw new IllegalStateException("secret");
                }),
                Route.get("/poll", request -> {
                            polling.incrementAndGet();
                            polled.await();
                            return Reply.noContent();
                        })
                        .waiting(),
                Route.json("POST", "/step", request -> {
                    polling.incrementAndGet();
                    Thread.sleep(500);
                    return Reply.noContent();
                }));
    }

    @Test
    void aReplyIsOneLineOfJson() throws Exception {
        HttpResponse<String> response = send("GET", "/echo/a%20b");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("{\"name\":\"a b\"}\n");
        assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
    }

    @Test
    void aBodyIsReadAsTheFieldsOfTheRoute() throws Exception {
        HttpResponse<String> response = post("{\"n\": 7}", "application/json; charset=UTF-8");

        assertThat(response.statusCode()).isEqualTo(201);
        assertThat(response.body()).isEqualTo("7\n");
        assertThat(response.headers().firstValue("Location")).contains("/echo/x");
    }

    @Test
    void aContentTypeThatIsNotJsonIsRefused() throws Exception {
        assertThat(post("{\"n\": 7}", "application/x-www-form-urlencoded").statusCode())
                .isEqualTo(415);
        assertThat(post("{\"n\": 7}", "application/json; charset=latin1").statusCode())
                .isEqualTo(415);
        assertThat(send("POST", "/echo", BodyPublishers.ofString("{\"n\": 7}")).statusCode())
                .isEqualTo(415);
    }

    @Test
    void aBodyOverTheLimitIsRefusedAndTheConnectionGoesOn() throws Exception {
        byte[] tooLarge = new byte[RequestReader.MAX_BODY_BYTES + 1];

        HttpResponse<String> response = send("POST", "/echo", BodyPublishers.ofByteArray(tooLarge));

        assertThat(response.statusCode()).isEqualTo(413);
        assertThat(response.body())
                .contains("\"error\":\"the body is larger than 1 MiB\"")
                .contains("\"hint\":");
        assertThat(send("GET", "/echo/a").statusCode()).isEqualTo(200);
    }

    @Test
    void aBodyWhereNoneBelongsIsRefused() throws Exception {
        assertThat(send("GET", "/echo/a", BodyPublishers.ofString("{}")).statusCode())
                .isEqualTo(400);
    }

    @Test
    void queryParametersAreCheckedLikeFields() throws Exception {
        assertThat(send("DELETE", "/echo/a").body()).isEqualTo("false\n");
        assertThat(send("DELETE", "/echo/a?force=true").body()).isEqualTo("true\n");
        assertThat(send("DELETE", "/echo/a?force=yes").statusCode()).isEqualTo(400);
        assertThat(send("DELETE", "/echo/a?force").statusCode()).isEqualTo(400);
        assertThat(send("DELETE", "/echo/a?force=true&force=false").statusCode())
                .isEqualTo(400);
        assertThat(send("DELETE", "/echo/a?forse=true").body()).contains("it takes force");
        assertThat(send("GET", "/echo/a?force=true").body()).contains("it takes none");
    }

    @Test
    void wrongPathsAndMethodsGetTheSameShapeOfError() throws Exception {
        assertThat(send("GET", "/nothing").body())
                .startsWith("{\"error\":\"there is nothing at /nothing\",\"hint\":\"");

        HttpResponse<String> response = send("PATCH", "/echo/a");
        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("Allow")).contains("GET, DELETE");
    }

    @Test
    void aDefectIsHiddenFromTheClient() throws Exception {
        HttpResponse<String> response = send("GET", "/defect");

        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(response.body())
                .doesNotContain("secret")
                .doesNotContain("Exception")
                .contains("\"hint\":");
    }

    @Test
    void hundredsOfLongPollsWaitAtOnceAndStoppingEndsEachWith503() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> polls = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            polls.add(client.sendAsync(HttpRequest.newBuilder(uri("/poll")).build(), BodyHandlers.ofString()));
        }
        await().until(() -> polling.get() == 300);
        assertThat(send("GET", "/echo/a").statusCode()).isEqualTo(200);

        server.close();

        assertThat(polls).allSatisfy(poll -> assertThat(poll.get().statusCode()).isEqualTo(503));
    }

    @Test
    void aStepThatIsBeingTakenEndsBeforeTheServerIsClosed() throws Exception {
        CompletableFuture<HttpResponse<String>> step = client.sendAsync(
                HttpRequest.newBuilder(uri("/step"))
                        .POST(BodyPublishers.ofString("{}"))
                        .header("Content-Type", "application/json")
                        .build(),
                BodyHandlers.ofString());
        await().until(() -> polling.get() == 1);

        server.close();

        assertThat(step.get().statusCode()).isEqualTo(204);
    }

    @Test
    void afterCloseTheAddressIsFree() throws Exception {
        InetSocketAddress address = server.address();
        Router empty = new Router(List.of());
        assertThatThrownBy(() -> ApiServer.start(address, empty)).isInstanceOf(BindException.class);

        server.close();

        ApiServer.start(address, empty).close();
    }

    private HttpResponse<String> post(String body, String contentType) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(uri("/echo"))
                .POST(BodyPublishers.ofString(body))
                .header("Content-Type", contentType)
                .build();
        return client.send(request, BodyHandlers.ofString());
    }

    private HttpResponse<String> send(String method, String path) throws Exception {
        return send(method, path, BodyPublishers.noBody());
    }

    private HttpResponse<String> send(String method, String path, BodyPublisher body) throws Exception {
        return client.send(
                HttpRequest.newBuilder(uri(path)).method(method, body).build(), BodyHandlers.ofString());
    }

    private URI uri(String path) {
        return URI.create("http://" + server.address().getHostString() + ":"
                + server.address().getPort() + path);
    }
}
