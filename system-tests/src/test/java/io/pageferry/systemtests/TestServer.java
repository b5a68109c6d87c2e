package io.pageferry.systemtests;

import io.pageferry.server.PagingServer;
import io.pageferry.server.PagingServerOptions;
import io.pageferry.server.nbd.NbdServerOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;

/** A paging server in this process, on ports of its own. */
final class TestServer implements AutoCloseable {
    private final PagingServer server;

    TestServer(Path pool) throws IOException {
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        server = PagingServer.start(
                new PagingServerOptions(pool, List.of(anyPort), List.of(), anyPort, NbdServerOptions.defaults()));
    }

    String controlUrl() {
        return "http://127.0.0.1:" + server.controlAddress().getPort();
    }

    @Override
    public void close() {
        server.close();
    }
}
