package io.pageferry.server.http;

import java.util.Set;

/**
 * One method on one path.
 *
 * @param takesBody whether the request carries a JSON object; one that does not may carry no body at all
 * @param queries the query parameters it knows; all others are refused
 * @param waits whether it changes nothing and may wait for long: a server that stops interrupts it, and no other
 */
public record Route(
        String method, PathPattern path, boolean takesBody, Set<String> queries, boolean waits, Handler handler) {
    public static Route get(String path, Handler handler) {
        return new Route("GET", PathPattern.of(path), false, Set.of(), false, handler);
    }

    /** A DELETE without a body; one that needs to show a token is a {@link #json} route. */
    public static Route delete(String path, Handler handler) {
        return new Route("DELETE", PathPattern.of(path), false, Set.of(), false, handler);
    }

    /** Any method with a JSON object as its body. */
    public static Route json(String method, String path, Handler handler) {
        return new Route(method, PathPattern.of(path), true, Set.of(), false, handler);
    }

    /** The same route with another handler. */
    public Route with(Handler other) {
        return new Route(method, path, takesBody, queries, waits, other);
    }

    /** The same route, which also knows these query parameters. */
    public Route withQuery(String... names) {
        return new Route(method, path, takesBody, Set.of(names), waits, handler);
    }

    /** The same route as a long poll: it only reads, and may wait. */
    public Route waiting() {
        return new Route(method, path, takesBody, queries, true, handler);
    }

    @Override
    public String toString() {
        return method + " " + path.text();
    }
}
