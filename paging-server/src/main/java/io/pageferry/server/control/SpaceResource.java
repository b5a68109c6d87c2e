package io.pageferry.server.control;

import io.pageferry.server.http.Reply;
import io.pageferry.server.http.Request;
import io.pageferry.server.http.Resource;
import io.pageferry.server.http.Route;
import java.util.List;

/** One space: what it is, and its end. */
final class SpaceResource implements Resource {
    private static final String PATH = "/v1/spaces/{name}";

    private final Spaces spaces;

    SpaceResource(Spaces spaces) {
        this.spaces = spaces;
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.get(PATH, this::info), Route.delete(PATH, this::delete).withQuery("force"));
    }

    private Reply info(Request request) {
        return Reply.ok(spaces.info(request.variable("name")));
    }

    private Reply delete(Request request) {
        spaces.delete(request.variable("name"), request.flag("force"));
        return Reply.noContent();
    }
}
