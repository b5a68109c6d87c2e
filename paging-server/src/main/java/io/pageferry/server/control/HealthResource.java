package io.pageferry.server.control;

import io.pageferry.server.http.Reply;
import io.pageferry.server.http.Resource;
import io.pageferry.server.http.Route;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Whether the server can do its work: 200 if so, 503 with the reason if not. */
final class HealthResource implements Resource {
    private final Path poolFolder;
    private final LongSupplier openConnections;

    HealthResource(Path poolFolder, LongSupplier openConnections) {
        this.poolFolder = poolFolder;
        this.openConnections = openConnections;
    }

    @Override
    public List<Route> routes() {
        return List.of(Route.get("/v1/health", request -> health()));
    }

    private Reply health() {
        boolean writable = Files.isDirectory(poolFolder) && Files.isWritable(poolFolder);
        Optional<String> problem =
                writable ? Optional.empty() : Optional.of("the pool " + poolFolder + " is not a folder to write in");
        long uptimeMs = ManagementFactory.getRuntimeMXBean().getUptime();
        return Reply.json(
                writable ? 200 : 503,
                new Health(writable ? "ok" : "failing", problem, uptimeMs, openConnections.getAsLong()));
    }

    record Health(String status, Optional<String> problem, long uptimeMs, long connections) {}
}
