package io.pageferry.server.direct;

import io.pageferry.direct.DirectClient;
import io.pageferry.direct.FrameChannel;
import io.pageferry.direct.OpenRequest;
import io.pageferry.linux.UnixSocket;
import io.pageferry.server.nbd.WriteRights;
import io.pageferry.server.pool.PagingSpace;
import io.pageferry.server.pool.Pool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A pool in memory and a direct path to it, both in a folder of their own. */
final class DirectPool implements AutoCloseable {
    static final Duration OPEN_LIMIT = Duration.ofMillis(500);

    /** The current lease token of each space that is under lease. */
    final Map<String, String> tokens = new ConcurrentHashMap<>();

    final UUID identity = UUID.randomUUID();
    final Pool pool;
    final DirectServer server;
    final Path socket;
    private final Path folder;

    DirectPool(Path parent) throws IOException {
        folder = Files.createTempDirectory(parent, "direct");
        pool = Pool.open(folder.resolve("pool"));
        socket = folder.resolve("direct.sock");
        server = DirectServer.start(socket, identity, pool, this::right, OPEN_LIMIT);
    }

    static DirectPool inMemory() throws IOException {
        return new DirectPool(Path.of("/dev/shm"));
    }

    PagingSpace create(String name, long sizeBytes, long quotaBytes) {
        return pool.create(name, sizeBytes, quotaBytes == 0 ? OptionalLong.empty() : OptionalLong.of(quotaBytes));
    }

    DirectClient client(String space, String token) {
        return DirectClient.connect(socket, new OpenRequest(space, token, 0));
    }

    FrameChannel raw() {
        return new FrameChannel(UnixSocket.connect(socket));
    }

    private WriteRights.Right right(String space, @Nullable String token) {
        String current = tokens.get(space);
        if (token != null) return token.equals(current) ? WriteRights.Right.WRITE : WriteRights.Right.REFUSED;
        return current == null ? WriteRights.Right.WRITE : WriteRights.Right.READ;
    }

    @Override
    public void close() throws IOException {
        server.close();
        pool.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) Files.delete(file);
        }
    }
}
