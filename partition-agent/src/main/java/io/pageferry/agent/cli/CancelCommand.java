package io.pageferry.agent.cli;

import io.pageferry.agent.control.ControlClient;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Asks for a migration to be given up. */
@Command(name = "cancel", description = "Gives a migration up, as long as the partition has not changed hands.")
final class CancelCommand extends ServerCommand {
    @Parameters(paramLabel = "ID", description = "The migration, such as m-17.")
    private String id = "";

    @Override
    int run(ControlClient server) throws InterruptedException {
        JsonNode migration = server.post(ControlClient.path("v1", "migrations", id) + "/cancel")
                .json();
        show(
                MigrationFigures.of(migration),
                List.of("cancelling " + id + ": " + migration.path("partition").asString() + " stays on agent "
                        + migration.path("source").asString("-")));
        return 0;
    }
}
