package io.pageferry.server.control;

import io.pageferry.server.catalog.Catalog;
import io.pageferry.server.catalog.SpaceRecord;
import io.pageferry.server.http.Reply;
import io.pageferry.server.http.Resource;
import io.pageferry.server.http.Route;
import java.util.List;

/** Every lease that there is, without the tokens. */
final class LeasesResource implements Resource {
    private final Catalog catalog;

    LeasesResource(Catalog catalog) {
        this.catalog = catalog;
    }

    @Override
    public List<Route> routes() {
        return List.of(Route.get("/v1/leases", request -> Reply.ok(listing())));
    }

    private Listing listing() {
        return new Listing(catalog.spaces().stream()
                .map(SpaceRecord::name)
                .flatMap(space -> catalog.lease(space).stream())
                .map(LeaseView::of)
                .toList());
    }

    record Listing(List<LeaseView> leases) {}
}
