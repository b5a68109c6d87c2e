package io.pageferry.server.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds the route of a request, and says what there is where there is none. */
public final class Router {
    private final List<Route> routes;

    public Router(List<? extends Resource> resources) {
        routes = resources.stream()
                .flatMap(resource -> resource.routes().stream())
                .toList();
    }

    /** A route with the values of its path's named segments. */
    record Match(Route route, Map<String, String> variables) {}

    /** Throws 404 where no route has this path, 405 where one has, but by another method. */
    Match find(String method, String rawPath) {
        List<Route> onThisPath = new ArrayList<>();
        for (Route route : routes) {
            Optional<Map<String, String>> variables = route.path().match(rawPath);
            if (variables.isPresent()) {
                if (route.method().equals(method)) {
                    return new Match(route, variables.get());
                }
                onThisPath.add(route);
            }
        }
        throw onThisPath.isEmpty() ? unknownPath(rawPath) : unknownMethod(method, rawPath, onThisPath);
    }

    private ApiException unknownPath(String rawPath) {
        String known = routes.stream().map(Route::toString).collect(Collectors.joining(", "));
        return ApiException.notFound("there is nothing at " + printable(rawPath), "the API has: " + known);
    }

    private static ApiException unknownMethod(String method, String rawPath, List<Route> onThisPath) {
        String allow = onThisPath.stream().map(Route::method).collect(Collectors.joining(", "));
        return ApiException.methodNotAllowed(
                printable(rawPath) + " does not take " + printable(method), "use one of: " + allow, allow);
    }

    // What a stranger sent is echoed short: an error is one line.
    private static String printable(String text) {
        return text.length() <= 200 ? text : text.substring(0, 200) + "...";
    }
}
