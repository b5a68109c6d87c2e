package io.pageferry.agent.cli;

import io.pageferry.agent.control.ControlClient;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** A command that begins a migration, and goes along with it to its end unless it is to be left alone. */
abstract class MigratingCommand extends ServerCommand {
    private final String kind;

    @Parameters(paramLabel = "PARTITION", description = "The partition.")
    private String partition = "";

    @Option(names = "--detach", description = "Return as soon as it has begun; status shows how it goes on.")
    private boolean detach;

    @Mixin
    private MigrationOptions options = new MigrationOptions();

    MigratingCommand(String kind) {
        this.kind = kind;
    }

    /** The agent that is to have the partition; empty where none is. */
    abstract String to();

    /** Whether the operator vouches for what the server cannot see. */
    boolean isForced() {
        return false;
    }

    @Override
    final int run(ControlClient server) throws InterruptedException {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("kind", kind);
        request.put("partition", partition);
        if (!to().isEmpty()) {
            request.put("to", to());
        }
        if (isForced()) {
            request.put("force", true);
        }
        if (!options.asJson().isEmpty()) {
            request.put("options", options.asJson());
        }
        JsonNode migration = server.post("/v1/migrations", request).json();
        if (detach) {
            show(MigrationFigures.of(migration), MigrationText.begun(migration));
            return 0;
        }
        JsonNode ended = new MigrationWatch(server, err()).follow(migration);
        show(MigrationFigures.of(ended), MigrationText.details(ended));
        return MigrationWatch.exitCode(ended, err());
    }
}
