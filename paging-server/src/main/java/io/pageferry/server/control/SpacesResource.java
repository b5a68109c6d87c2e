package io.pageferry.server.control;

import io.pageferry.server.http.JsonFields;
import io.pageferry.server.http.Reply;
import io.pageferry.server.http.Request;
import io.pageferry.server.http.Resource;
import io.pageferry.server.http.Route;
import io.pageferry.server.pool.Pool;
import java.util.List;
import java.util.OptionalLong;

/** All spaces of the pool, and the making of new ones. */
final class SpacesResource implements Resource {
    private final Spaces spaces;

    SpacesResource(Spaces spaces) {
        this.spaces = spaces;
    }

    @Override
    public List<Route> routes() {
        return List.of(Route.get("/v1/spaces", this::list), Route.json("POST", "/v1/spaces", this::create));
    }

    private Reply list(Request request) {
        return Reply.ok(new Listing(spaces.list()));
    }

    private Reply create(Request request) {
        JsonFields fields = request.fields("name", "size-bytes", "quota-bytes");
        String name = fields.string("name");
        long sizeBytes = fields.wholeNumber("size-bytes", "bytes", 1, Pool.MAX_SIZE_BYTES);
        OptionalLong quotaBytes = fields.optionalWholeNumber("quota-bytes", "bytes", 1, Pool.MAX_SIZE_BYTES);
        SpaceView space = spaces.create(name, sizeBytes, quotaBytes);
        return Reply.created("/v1/spaces/" + space.name(), space);
    }

    record Listing(List<SpaceView> spaces) {}
}
