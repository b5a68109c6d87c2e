package io.pageferry.server.nbd;

import io.pageferry.server.metrics.ServerMetrics;
import io.pageferry.server.pool.PagingSpace;
import io.pageferry.server.pool.Pool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** A pool in a folder of its own, and a server on a port of its own. */
final class ServedPool implements AutoCloseable {
    /** The current lease token of each space that is under lease. */
    final Map<String, String> tokens = new ConcurrentHashMap<>();

    final UUID identity = UUID.randomUUID();
    final Pool pool;
    final NbdServer server;
    final InetSocketAddress address;
    private final Path folder;

    ServedPool(Path parent, NbdServerOptions options) throws IOException {
        folder = Files.createTempDirectory(parent, "pool");
        pool = Pool.open(folder);
        server = NbdServer.start(pool, identity, this::right, options, ServerMetrics.unpublished());
        address = server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    static ServedPool inMemory() throws IOException {
        return new ServedPool(Path.of("/dev/shm"), NbdServerOptions.defaults());
    }

    PagingSpace create(String name, long sizeBytes) {
        return pool.create(name, sizeBytes, OptionalLong.empty());
    }

    private WriteRights.Right right(String space, @org.jspecify.annotations.Nullable String token) {
        String current = tokens.get(space);
        if (token != null) {
            return token.equals(current) ? WriteRights.Right.WRITE : WriteRights.Right.REFUSED;
        }
        return current == null ? WriteRights.Right.WRITE : WriteRights.Right.READ;
    }

    @Override
    public void close() throws IOException {
        server.close();
        pool.close();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
