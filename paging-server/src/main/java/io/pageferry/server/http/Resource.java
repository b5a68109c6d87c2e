package io.pageferry.server.http;

import java.util.List;

/** One thing that the API shows, with the routes that reach it. */
@FunctionalInterface
public interface Resource {
    List<Route> routes();
}
