package io.pageferry.server.http;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One request as its handler sees it: already matched, its query parameters known, its body parsed. */
public final class Request {
    private final Map<String, String> variables;
    private final Map<String, String> query;
    private final Function<String, @Nullable String> headers;
    private final @Nullable JsonFields body;

    Request(
            Map<String, String> variables,
            Map<String, String> query,
            Function<String, @Nullable String> headers,
            @Nullable JsonFields body) {
        this.variables = variables;
        this.query = query;
        this.headers = headers;
        this.body = body;
    }

    /** The decoded value of {@code {name}} in the route's path. */
    public String variable(String name) {
        String value = variables.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the route's path names no {" + name + "}");
        }
        return value;
    }

    /** The query parameter {@code name}, if the client gave it. */
    public Optional<String> query(String name) {
        return Optional.ofNullable(query.get(name));
    }

    /** The header {@code name}, whatever its case, if the client gave it. */
    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.apply(name));
    }

    /** The query parameter {@code name}, a whole number from {@code min} to {@code max}, if the client gave it. */
    public OptionalLong wholeNumber(String name, long min, long max) {
        String value = query.get(name);
        if (value == null) {
            return OptionalLong.empty();
        }
        try {
            long number = Long.parseLong(value);
            if (number >= min && number <= max) {
                return OptionalLong.of(number);
            }
        } catch (NumberFormatException e) {
            // Said below, as for a number that is out of range.
        }
        throw ApiException.badRequest(
                "the query parameter " + name + " is not a whole number in its range", "give " + min + " to " + max);
    }

    /** The query parameter {@code name}: true, false, or absent, which is false. Anything else is refused. */
    public boolean flag(String name) {
        String value = query.getOrDefault(name, "false");
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default ->
                throw ApiException.badRequest(
                        "the query parameter " + name + " is neither true nor false",
                        "write ?" + name + "=true, or leave it out");
        };
    }

    /** The body's fields; these names are all that it may have. */
    public JsonFields fields(String... known) {
        if (body == null) {
            throw new IllegalStateException("a route that takes no body asks for one");
        }
        return body.only(known);
    }
}
