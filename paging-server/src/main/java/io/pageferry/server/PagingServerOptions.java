package io.pageferry.server;

import io.pageferry.server.nbd.NbdServerOptions;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where a paging server keeps its spaces and where it listens.
 *
 * @param pool the folder of the pool, made if it is missing
 * @param listen TCP addresses for NBD; port 0 lets the system choose
 * @param unixSockets Unix sockets for NBD
 * @param control the TCP address of the control API
 * @param nbd the limits of the NBD server
 * @param direct the Unix socket of the direct path, if there is to be one
 */
public record PagingServerOptions(
        Path pool,
        List<InetSocketAddress> listen,
        List<Path> unixSockets,
        InetSocketAddress control,
        NbdServerOptions nbd,
        Optional<Path> direct) {

    public PagingServerOptions {
        listen = List.copyOf(listen);
        unixSockets = List.copyOf(unixSockets);
    }

    /** A server without the direct path. */
    public PagingServerOptions(
            Path pool,
            List<InetSocketAddress> listen,
            List<Path> unixSockets,
            InetSocketAddress control,
            NbdServerOptions nbd) {
        this(pool, listen, unixSockets, control, nbd, Optional.empty());
    }
}
