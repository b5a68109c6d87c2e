package io.pageferry.server.http;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a handler answers: the status, the headers, the body as it goes out. */
public final class Reply {
    private final int status;
    private final Map<String, String> headers;
    private final byte[] body;

    private Reply(int status, Map<String, String> headers, byte[] body) {
        this.status = status;
        this.headers = headers;
        this.body = body;
    }

    /** 200 with {@code value}, a record or a collection, as JSON. */
    public static Reply ok(Object value) {
        return json(200, value);
    }

    /** 201 with what was created, and its path. */
    public static Reply created(String location, Object value) {
        return json(201, value).with(Map.of("Location", location));
    }

    public static Reply json(int status, Object value) {
        return new Reply(status, Map.of("Content-Type", "application/json"), Json.write(value));
    }

    /** 204: done, and there is nothing to say. */
    public static Reply noContent() {
        return new Reply(204, Map.of(), new byte[0]);
    }

    public static Reply text(String contentType, String text) {
        return new Reply(200, Map.of("Content-Type", contentType), text.getBytes(StandardCharsets.UTF_8));
    }

    Reply with(Map<String, String> more) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.putAll(more);
        return new Reply(status, all, body);
    }

    public int status() {
        return status;
    }

    Map<String, String> headers() {
        return headers;
    }

    byte[] body() {
        return body;
    }
}
