package io.pageferry.server;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.pageferry.server.metrics.ServerMetrics;
import io.pageferry.server.nbd.NbdServer;
import io.pageferry.server.nbd.WriteRights;
import io.pageferry.server.pool.Pool;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A running paging server: a pool of spaces, served over NBD. {@link #start} begins it, {@link #close} ends it. */
public final class PagingServer implements AutoCloseable {
    private final Pool pool;
    private final NbdServer nbd;
    private final List<InetSocketAddress> addresses = new ArrayList<>();

    private PagingServer(Pool pool, NbdServer nbd) {
        this.pool = pool;
        this.nbd = nbd;
    }

    /** Opens the pool and listens; whatever fails leaves nothing behind. */
    public static PagingServer start(PagingServerOptions options) throws IOException {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Pool pool = Pool.open(options.pool());
        NbdServer nbd = NbdServer.start(pool, WriteRights.NO_LEASES, options.nbd(), new ServerMetrics(registry));
        PagingServer server = new PagingServer(pool, nbd);
        try {
            server.listen(options);
            return server;
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private void listen(PagingServerOptions options) throws IOException {
        for (InetSocketAddress address : options.listen()) {
            addresses.add(nbd.listen(address));
        }
        for (Path socket : options.unixSockets()) {
            nbd.listen(socket);
        }
    }

    public Pool pool() {
        return pool;
    }

    public NbdServer nbd() {
        return nbd;
    }

    /** The TCP addresses that NBD is served on, with the ports that the system chose. */
    public List<InetSocketAddress> addresses() {
        return List.copyOf(addresses);
    }

    /** Stops listening, disconnects everybody, then closes every space. */
    @Override
    public void close() {
        nbd.close();
        pool.close();
    }
}
