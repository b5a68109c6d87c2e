package io.pageferry.server;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.pageferry.linux.LinuxException;
import io.pageferry.server.catalog.Catalog;
import io.pageferry.server.control.ControlServer;
import io.pageferry.server.control.Managed;
import io.pageferry.server.control.NbdAddresses;
import io.pageferry.server.direct.DirectServer;
import io.pageferry.server.metrics.ServerMetrics;
import io.pageferry.server.nbd.NbdServer;
import io.pageferry.server.pool.Pool;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A running paging server: a pool of spaces, served over NBD, and the control API beside it. {@link #start} begins it, {@link
 * #close} ends it.
 */
public final class PagingServer implements AutoCloseable {
    private final OpenParts opened;
    private final Managed parts;
    private final ControlServer control;
    private final List<InetSocketAddress> addresses;

    private PagingServer(OpenParts opened, Managed parts, ControlServer control, List<InetSocketAddress> addresses) {
        this.opened = opened;
        this.parts = parts;
        this.control = control;
        this.addresses = addresses;
    }

    /** Opens the pool and listens; whatever fails leaves nothing behind. */
    public static PagingServer start(PagingServerOptions options) throws IOException {
        OpenParts opened = new OpenParts();
        try {
            Managed parts = open(options, opened);
            List<InetSocketAddress> addresses = listen(parts.nbd(), options);
            // The control API last: whoever finds it there finds everything else there too.
            ControlServer control =
                    opened.add(ControlServer.start(options.control(), parts, reachable(addresses, parts, options)));
            return new PagingServer(opened, parts, control, addresses);
        } catch (LinuxException e) {
            opened.close();
            throw new IOException(e.getMessage(), e);
        } catch (IOException | RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    private static Managed open(PagingServerOptions options, OpenParts opened) throws IOException {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        ServerMetrics metrics = new ServerMetrics(registry);
        Pool pool = opened.add(Pool.open(options.pool()));
        Catalog catalog = opened.add(Catalog.open(options.pool()));
        CatalogReconciliation.run(pool, catalog);
        UUID identity = ServerIdentity.of(options.pool());
        LeaseRights rights = new LeaseRights(catalog);
        NbdServer nbd = opened.add(NbdServer.start(pool, identity, rights, options.nbd(), metrics));
        Optional<DirectServer> direct =
                options.direct().map(socket -> opened.add(DirectServer.start(socket, identity, pool, rights)));
        // Nobody keeps a right from before: a new holder connects with the token that it is about to get.
        catalog.fenceWith((space, newEpoch) -> {
            nbd.fence(space, null);
            direct.ifPresent(server -> server.fence(space));
        });
        return new Managed(options.pool(), identity, pool, catalog, nbd, direct, metrics, registry);
    }

    private static List<InetSocketAddress> listen(NbdServer nbd, PagingServerOptions options) throws IOException {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (InetSocketAddress address : options.listen()) {
            addresses.add(nbd.listen(address));
        }
        for (Path socket : options.unixSockets()) {
            nbd.listen(socket);
        }
        return List.copyOf(addresses);
    }

    // The first of each kind, as agents are told of one.
    private static NbdAddresses reachable(
            List<InetSocketAddress> addresses, Managed parts, PagingServerOptions options) {
        return new NbdAddresses(
                addresses.stream().findFirst().map(tcp -> tcp.getHostString() + ":" + tcp.getPort()),
                options.unixSockets().stream()
                        .findFirst()
                        .map(socket -> socket.toAbsolutePath().toString()),
                options.direct().map(socket -> socket.toAbsolutePath().toString()),
                Optional.of(parts.identity()));
    }

    public Pool pool() {
        return parts.pool();
    }

    public NbdServer nbd() {
        return parts.nbd();
    }

    /** The TCP addresses that NBD is served on, with the ports that the system chose. */
    public List<InetSocketAddress> addresses() {
        return addresses;
    }

    /** Where the control API is served, with the port that the system chose. */
    public InetSocketAddress controlAddress() {
        return control.address();
    }

    /** Stops listening, disconnects everybody, then closes every space and the catalog. */
    @Override
    public void close() {
        opened.close();
    }
}
