package io.pageferry.agent.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Brings a suspended partition in. */
@Command(name = "resume", description = "Brings a suspended partition in from the paging device, on any agent.")
final class ResumeCommand extends MigratingCommand {
    @Option(names = "--on", paramLabel = "AGENT", required = true, description = "The agent that is to have it.")
    private String agent = "";

    ResumeCommand() {
        super("resume");
    }

    @Override
    String to() {
        return agent;
    }
}
