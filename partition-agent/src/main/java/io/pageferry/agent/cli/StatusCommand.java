package io.pageferry.agent.cli;

import io.pageferry.agent.control.ControlClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** Shows one migration, or all that the server remembers. */
@Command(name = "status", description = "Shows one migration in full, or all that the server remembers.")
final class StatusCommand extends ServerCommand {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            paramLabel = "ID",
            arity = "0..1",
            description = "The migration, such as m-17; all where it is left out.")
    private String id = "";

    @Option(
            names = "--watch",
            description =
                    "Follow it to its end; the exit code tells how it ended. With --json one object a line, whenever it changes.")
    private boolean watch;

    @Override
    int run(ControlClient server) throws InterruptedException {
        if (id.isEmpty()) {
            if (watch) {
                throw new ParameterException(spec.commandLine(), "--watch needs the ID of a migration");
            }
            JsonNode listing = server.get("/v1/migrations").json();
            show(MigrationFigures.ofAll(listing), MigrationText.table(listing));
            return 0;
        }
        JsonNode migration =
                server.get(ControlClient.path("v1", "migrations", id)).json();
        if (!watch) {
            show(migration);
            return 0;
        }
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
