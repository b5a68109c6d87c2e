package io.pageferry.agent.cli;

import io.pageferry.agent.control.ControlClient;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Shows one migration, or all that the server remembers. */
@Command(name = "status", description = "Shows one migration in full, or all that the server remembers.")
final class StatusCommand extends ServerCommand {
    @Parameters(
            paramLabel = "ID",
            arity = "0..1",
            description =
                    "The migration, such as m-17; where it is left out all, or with --watch the newest that runs.")
    private String id = "";

    @Option(
            names = "--watch",
            description =
                    "Follow it to its end; the exit code tells how it ended. With --json one object a line, whenever it changes.")
    private boolean watch;

    @Override
    int run(ControlClient server) throws InterruptedException {
        if (!id.isEmpty()) {
            JsonNode migration =
                    server.get(ControlClient.path("v1", "migrations", id)).json();
            if (watch) return follow(server, migration);
            show(migration);
            return 0;
        }
        JsonNode listing = server.get("/v1/migrations").json();
        if (!watch) {
            show(MigrationFigures.ofAll(listing), MigrationText.table(listing));
            return 0;
        }
        Optional<JsonNode> newest = newestThatRuns(listing);
        if (newest.isPresent()) return follow(server, newest.get());
        err().println("pageferry: no migration is under way (status lists those that were)");
        err().flush();
        return Errors.FAILED;
    }

    private static Optional<JsonNode> newestThatRuns(JsonNode listing) {
        return listing.path("migrations")
                .valueStream()
                .filter(migration -> !MigrationWatch.isOver(migration))
                .max(Comparator.comparing(
                        migration -> Instant.parse(migration.path("created").asString())));
    }

    private int follow(ControlClient server, JsonNode migration) throws InterruptedException {
        if (isJson()) {
            JsonNode ended = new MigrationWatch(server, err(), this::show).follow(migration);
            return MigrationWatch.exitCode(ended, err());
        }
        JsonNode ended = new MigrationWatch(server, err()).follow(migration);
        show(ended);
        return MigrationWatch.exitCode(ended, err());
    }

    private void show(JsonNode migration) {
        show(MigrationFigures.of(migration), MigrationText.details(migration));
    }
}
