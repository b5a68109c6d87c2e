package io.pageferry.server.control;

import io.pageferry.server.catalog.CatalogException;
import io.pageferry.server.catalog.CatalogLimitException;
import io.pageferry.server.catalog.LeaseHeldException;
import io.pageferry.server.catalog.LeaseLostException;
import io.pageferry.server.catalog.SpaceExistsException;
import io.pageferry.server.catalog.UnknownSpaceException;
import io.pageferry.server.http.ApiException;
import io.pageferry.server.http.Handler;
import io.pageferry.server.http.Resource;
import io.pageferry.server.http.Route;
import io.pageferry.server.pool.PoolException;
import java.io.UncheckedIOException;
import java.util.List;

/** A resource whose refusals, in the words of pool and catalog, are turned into those of HTTP. */
final class Refusals implements Resource {
    private final Resource resource;

    Refusals(Resource resource) {
        this.resource = resource;
    }

    @Override
    public List<Route> routes() {
        return resource.routes().stream()
                .map(route -> route.with(translated(route.handler())))
                .toList();
    }

    private static Handler translated(Handler handler) {
        return request -> {
            try {
                return handler.handle(request);
            } catch (CatalogException e) {
                throw refusal(e);
            } catch (PoolException e) {
                throw refusal(e);
            } catch (UncheckedIOException e) {
                throw ApiException.of(
                        507, "the pool's device failed: " + e.getMessage(), "make room on it, or repair it");
            }
        };
    }

    private static ApiException refusal(CatalogException e) {
        String error = String.valueOf(e.getMessage());
        return switch (e) {
            case UnknownSpaceException unknown -> ApiException.notFound(error, e.hint());
            case SpaceExistsException exists -> ApiException.conflict(error, e.hint());
            case LeaseHeldException held -> ApiException.conflict(error, e.hint());
            case LeaseLostException lost -> ApiException.conflict(error, e.hint());
            case CatalogLimitException full -> ApiException.of(507, error, e.hint());
            default -> throw e;
        };
    }

    // The pool's messages end in what to do, behind the last colon.
    private static ApiException refusal(PoolException e) {
        String message = String.valueOf(e.getMessage());
        int colon = message.lastIndexOf(": ");
        String error = colon < 0 ? message : message.substring(0, colon);
        String hint = colon < 0 ? "see GET /v1/spaces" : message.substring(colon + 2);
        return switch (e.reason()) {
            case INVALID -> ApiException.badRequest(error, hint);
            case UNKNOWN -> ApiException.notFound(error, hint);
            case EXISTS, IN_USE -> ApiException.conflict(error, hint);
            case UNUSABLE -> ApiException.of(503, error, hint);
        };
    }
}
