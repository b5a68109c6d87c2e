package io.pageferry.server.http;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns an exchange into the {@link Request} of its route, or refuses it. */
final class RequestReader {
    /** The largest body, in bytes: no request of the API comes near it. */
    static final int MAX_BODY_BYTES = 1 << 20;

    /** How much of a refused body is read and dropped, so that the client gets to read the refusal before the connection ends. */
    private static final int MAX_DROPPED_BYTES = 8 << 20;

    private RequestReader() {}

    static Request read(HttpExchange exchange, Router.Match match) throws IOException {
        Route route = match.route();
        Map<String, String> query = query(exchange.getRequestURI().getRawQuery(), route);
        return new Request(
                match.variables(),
                query,
                exchange.getRequestHeaders()::getFirst,
                route.takesBody() ? jsonBody(exchange) : noBody(exchange, route));
    }

    private static Map<String, String> query(@Nullable String rawQuery, Route route) {
        Map<String, String> query = new LinkedHashMap<>();
        if (rawQuery == null || rawQuery.isEmpty()) {
            return query;
        }
        for (String pair : rawQuery.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = decode(equals < 0 ? pair : pair.substring(0, equals));
            if (!route.queries().contains(name)) {
                String known =
                        route.queries().isEmpty() ? "it takes none" : "it takes " + String.join(", ", route.queries());
                throw ApiException.badRequest("unknown query parameter \"" + name + "\" of " + route, known);
            }
            if (query.put(name, equals < 0 ? "" : decode(pair.substring(equals + 1))) != null) {
                throw ApiException.badRequest("the query parameter " + name + " is given twice", "give it once");
            }
        }
        return query;
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw ApiException.badRequest("the query is not percent-encoded properly", "write a percent sign as %25");
        }
    }

    private static JsonFields jsonBody(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
        if (body.length > MAX_BODY_BYTES) {
            drop(exchange.getRequestBody());
            throw ApiException.of(
                    413, "the body is larger than 1 MiB", "send no more than " + MAX_BODY_BYTES + " bytes");
        }
        checkContentType(exchange.getRequestHeaders().getFirst("Content-Type"));
        return JsonFields.parse(body);
    }

    // A form or plain text is refused although it could be parsed: a browser may send those across sites without
    // asking.
    private static void checkContentType(@Nullable String contentType) {
        String[] parts = contentType == null ? new String[] {"missing"} : contentType.split(";", -1);
        boolean json = parts[0].strip().equalsIgnoreCase("application/json");
        for (int i = 1; i < parts.length; i++) {
            String parameter = parts[i].strip().toLowerCase(Locale.ROOT).replace("\"", "");
            json &= !parameter.startsWith("charset=") || parameter.equals("charset=utf-8");
        }
        if (!json) {
            throw ApiException.of(
                    415,
                    "the content type is not application/json in UTF-8",
                    "add -H 'Content-Type: application/json'");
        }
    }

    private static @Nullable JsonFields noBody(HttpExchange exchange, Route route) throws IOException {
        if (exchange.getRequestBody().read() >= 0) {
            drop(exchange.getRequestBody());
            throw ApiException.badRequest(route + " takes no body", "send it without one");
        }
        return null;
    }

    private static void drop(InputStream body) throws IOException {
        byte[] buffer = new byte[8192];
        int dropped = 0;
        for (int count; dropped < MAX_DROPPED_BYTES && (count = body.read(buffer)) >= 0; ) {
            dropped += count;
        }
    }
}
