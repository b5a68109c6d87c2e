package io.pageferry.agent.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Moves a running partition to another agent. */
@Command(name = "migrate", description = "Moves a running partition to another agent, while it runs.")
final class MigrateCommand extends MigratingCommand {
    @Option(names = "--to", paramLabel = "AGENT", required = true, description = "The agent that is to have it.")
    private String agent = "";

    MigrateCommand() {
        super("migrate");
    }

    @Override
    String to() {
        return agent;
    }
}
