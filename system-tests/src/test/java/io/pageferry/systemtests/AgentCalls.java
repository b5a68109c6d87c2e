package io.pageferry.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An agent that speaks the control API as the documents have it, and moves no page. */
final class AgentCalls {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final String server;
    private final String name;
    private final String session;

    /** An agent that has registered, and hosts one program. */
    AgentCalls(String server, String name, String partition, String state, long sizeBytes) throws Exception {
        this.server = server;
        this.name = name;
        this.session = field(
                "session",
                send(
                        server,
                        "POST",
                        "/v1/agents",
                        "",
                        "{\"name\":\"" + name + "\",\"process-id\":1,\"started\":\"now\"}"));
        hosts(partition, state, sizeBytes);
    }

    void hosts(String partition, String state, long sizeBytes) throws Exception {
        call(
                "PUT",
                "/v1/agents/" + name + "/partitions",
                "{\"partitions\":[{\"name\":\"" + partition + "\",\"size-bytes\":" + sizeBytes + ",\"state\":\"" + state
                        + "\"}]}");
    }

    /** Waits until there is a migration for this agent to work on; returns its id. */
    String awaitWork(long after) throws Exception {
        for (long version = after; ; ) {
            String work = call("GET", "/v1/agents/" + name + "/work?wait-ms=20000&after=" + version, "");
            if (work.contains("\"id\":")) {
                return field("id", work);
            }
            version = Long.parseLong(field("version", work));
        }
    }

    String leaseToken() throws Exception {
        return field("lease-token", work());
    }

    /** What there is to work on; a sign of life, too. */
    String work() throws Exception {
        return call("GET", "/v1/agents/" + name + "/work", "");
    }

    String says(String side, String id, String json) throws Exception {
        return call("POST", "/v1/migrations/" + id + "/" + side, json);
    }

    String commits(String id, String token) throws Exception {
        return call("POST", "/v1/migrations/" + id + "/commit", "{\"lease-token\":\"" + token + "\"}");
    }

    private String call(String method, String path, String json) throws Exception {
        return send(server, method, path, session, json);
    }

    /** The body of an answer that must be good. */
    static String send(String server, String method, String path, String session, String json)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server + path))
                .method(method, json.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(json))
                .header("Pageferry-Session", session.isEmpty() ? "none" : session);
        if (!json.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        HttpResponse<String> response = HTTP.send(request.build(), BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isBetween(200, 299);
        return response.body();
    }

    private static String field(String field, String json) {
        Matcher matcher = Pattern.compile("\"" + field + "\":\"?([^\",}]+)").matcher(json);
        assertThat(matcher.find()).as(field + " in " + json).isTrue();
        return matcher.group(1);
    }
}
