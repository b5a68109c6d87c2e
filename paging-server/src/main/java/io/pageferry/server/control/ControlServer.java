package io.pageferry.server.control;

import io.pageferry.server.http.ApiServer;
import io.pageferry.server.http.Resource;
import io.pageferry.server.http.Router;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;

/** Serves the control API. A new kind of thing is a new {@link Resource} in {@link #resources}. */
public final class ControlServer implements AutoCloseable {
    private final ApiServer server;

    private ControlServer(ApiServer server) {
        this.server = server;
    }

    /** Listens on {@code address} (port 0: any free one). Throws BindException if it is taken. */
    public static ControlServer start(InetSocketAddress address, Managed managed) throws IOException {
        List<Refusals> resources =
                resources(managed).stream().map(Refusals::new).toList();
        return new ControlServer(ApiServer.start(address, new Router(resources)));
    }

    private static List<Resource> resources(Managed managed) {
        Spaces spaces = new Spaces(managed.pool(), managed.catalog(), managed.nbd());
        ProcessMetrics.publish(managed.registry());
        return List.of(
                new SpacesResource(spaces),
                new SpaceResource(spaces),
                new LeaseResource(managed.catalog()),
                new LeasesResource(managed.catalog()),
                new HealthResource(managed.poolFolder(), managed.metrics()::openConnections),
                new MetricsResource(managed.registry(), new SpaceGauges(spaces, managed.registry())));
    }

    /** Where it listens, with the port it got. */
    public InetSocketAddress address() {
        return server.address();
    }

    /** Ends long polls, lets replies go out, and closes the address. */
    @Override
    public void close() {
        server.close();
    }
}
