package io.pageferry.server;

import io.pageferry.server.nbd.NbdServerOptions;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;

/**
 * Where a paging server keeps its spaces and where it listens.
 *
 * @param pool the folder of the pool, made if it is missing
 * @param listen TCP addresses for NBD; port 0 lets the system choose
 * @param unixSockets Unix sockets for NBD
 * @param control the TCP address of the control API
 * @param nbd the limits of the NBD server
 */
public record PagingServerOptions(
        Path pool,
        List<InetSocketAddress> listen,
        List<Path> unixSockets,
        InetSocketAddress control,
        NbdServerOptions nbd) {

    public PagingServerOptions {
        listen = List.copyOf(listen);
        unixSockets = List.copyOf(unixSockets);
    }
}
