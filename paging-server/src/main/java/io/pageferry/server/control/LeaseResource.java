package io.pageferry.server.control;

import io.pageferry.server.catalog.Catalog;
import io.pageferry.server.catalog.Lease;
import io.pageferry.server.http.ApiException;
import io.pageferry.server.http.JsonFields;
import io.pageferry.server.http.Reply;
import io.pageferry.server.http.Request;
import io.pageferry.server.http.Resource;
import io.pageferry.server.http.Route;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The lease of a space: who may write it. Only the answers to acquire, renew and transfer carry the token. Invariant, kept by the
 * catalog: when an answer that grants a lease goes out, no write of an older connection can land any more.
 */
final class LeaseResource implements Resource {
    private static final String PATH = "/v1/spaces/{name}/lease";
    private static final long DEFAULT_TTL_MS = 30_000;
    private static final long MIN_TTL_MS = 100;
    private static final long MAX_TTL_MS = Duration.ofDays(1).toMillis();
    private static final Pattern HOLDER = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:-]{0,127}");

    private final Catalog catalog;

    LeaseResource(Catalog catalog) {
        this.catalog = catalog;
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.get(PATH, this::show),
                Route.json("POST", PATH, this::acquire),
                Route.json("PUT", PATH, this::renew),
                Route.json("DELETE", PATH, this::release),
                Route.json("POST", PATH + "/transfer", this::transfer));
    }

    private Reply show(Request request) {
        String space = request.variable("name");
        if (catalog.space(space).isEmpty()) {
            throw ApiException.notFound("there is no space " + space, "see GET /v1/spaces");
        }
        Lease lease = catalog.lease(space)
                .orElseThrow(() -> ApiException.notFound(
                        "space " + space + " has no lease", "anybody may write it; POST here to acquire one"));
        return Reply.ok(LeaseView.of(lease));
    }

    private Reply acquire(Request request) {
        JsonFields fields = request.fields("holder", "ttl-ms");
        return Reply.ok(GrantedLease.of(catalog.acquire(request.variable("name"), holder(fields), ttl(fields))));
    }

    private Reply renew(Request request) {
        JsonFields fields = request.fields("token", "ttl-ms");
        return Reply.ok(GrantedLease.of(catalog.renew(request.variable("name"), fields.string("token"), ttl(fields))));
    }

    private Reply transfer(Request request) {
        JsonFields fields = request.fields("token", "holder", "ttl-ms");
        return Reply.ok(GrantedLease.of(
                catalog.transfer(request.variable("name"), fields.string("token"), holder(fields), ttl(fields))));
    }

    private Reply release(Request request) {
        catalog.release(request.variable("name"), request.fields("token").string("token"));
        return Reply.noContent();
    }

    private static Duration ttl(JsonFields fields) {
        return Duration.ofMillis(fields.optionalWholeNumber("ttl-ms", "milliseconds", MIN_TTL_MS, MAX_TTL_MS)
                .orElse(DEFAULT_TTL_MS));
    }

    private static String holder(JsonFields fields) {
        String holder = fields.string("holder");
        if (!HOLDER.matcher(holder).matches()) {
            throw ApiException.badRequest(
                    "\"holder\" is not a name",
                    "use 1 to 128 letters, digits, '.', '_', ':' or '-', beginning with a letter or digit");
        }
        return holder;
    }
}
