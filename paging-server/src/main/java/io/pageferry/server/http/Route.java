package io.pageferry.server.http;

import java.util.Set;

/**
 * One method on one path.
 *
 * @param takesBody whether the request carries a JSON object; one that does not may carry no body at all
 * @param queries the query parameters it knows; all others are refused
 */
public record Route(String method, PathPattern path, boolean takesBody, Set<String> queries, Handler handler) {
    public static Route get(String path, Handler handler) {
        return new Route("GET", PathPattern.of(path), false, Set.of(), handler);
    }

    /** A DELETE without a body; one that needs to show a token is a {@link #json} route. */
    public static Route delete(String path, Handler handler) {
        return new Route("DELETE", PathPattern.of(path), false, Set.of(), handler);
    }

    /** Any method with a JSON object as its body. */
    public static Route json(String method, String path, Handler handler) {
        return new Route(method, PathPattern.of(path), true, Set.of(), handler);
    }

    /** The same route with another handler. */
    public Route with(Handler other) {
        return new Route(method, path, takesBody, queries, other);
    }

    /** The same route, which also knows these query parameters. */
    public Route withQuery(String... names) {
        return new Route(method, path, takesBody, Set.of(names), handler);
    }

    @Override
    public String toString() {
        return method + " " + path.text();
    }
}
