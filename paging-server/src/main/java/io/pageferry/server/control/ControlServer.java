package io.pageferry.server.control;

import io.pageferry.server.http.ApiServer;
import io.pageferry.server.http.Resource;
import io.pageferry.server.http.Router;
import io.pageferry.server.migration.MigrationService;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Stream;

/** Serves the control API. A new kind of thing is a new {@link Resource} in {@link #resources}. */
public final class ControlServer implements AutoCloseable {
    private final MigrationService migrations;
    private final ApiServer server;

    private ControlServer(MigrationService migrations, ApiServer server) {
        this.migrations = migrations;
        this.server = server;
    }

    /**
     * Takes up the migrations that the catalog holds, and listens on {@code address} (port 0: any free one). Agents are told to
     * reach the spaces at {@code nbd}. Throws BindException if the address is taken.
     */
    public static ControlServer start(InetSocketAddress address, Managed managed, NbdAddresses nbd) throws IOException {
        Spaces spaces = new Spaces(managed.pool(), managed.catalog(), managed.nbd(), managed.direct());
        MigrationService migrations = MigrationService.start(managed.catalog(), spaces);
        try {
            List<Refusals> resources = Stream.concat(
                            resources(managed, spaces).stream(), MigrationResources.of(migrations, () -> nbd).stream())
                    .map(Refusals::new)
                    .toList();
            return new ControlServer(migrations, ApiServer.start(address, new Router(resources)));
        } catch (IOException | RuntimeException e) {
            migrations.close();
            throw e;
        }
    }

    private static List<Resource> resources(Managed managed, Spaces spaces) {
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
        migrations.close();
    }
}
