package io.pageferry.server.control;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.pageferry.server.http.Reply;
import io.pageferry.server.http.Resource;
import io.pageferry.server.http.Route;
import java.util.List;

/** The metrics, in the text format of Prometheus. */
final class MetricsResource implements Resource {
    private static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusMeterRegistry registry;
    private final SpaceGauges spaceGauges;

    MetricsResource(PrometheusMeterRegistry registry, SpaceGauges spaceGauges) {
        this.registry = registry;
        this.spaceGauges = spaceGauges;
    }

    @Override
    public List<Route> routes() {
        return List.of(Route.get("/metrics", request -> Reply.text(CONTENT_TYPE, scrape())));
    }

    // One scrape at a time, so that each sees the gauges as it refreshed them.
    private synchronized String scrape() {
        spaceGauges.refresh();
        return registry.scrape(CONTENT_TYPE);
    }
}
