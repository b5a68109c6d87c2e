package io.pageferry.agent.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Brings a suspended partition in. */
@Command(
        name = "resume",
        description =
                "Brings a suspended partition, or one whose program has died, in from the paging device, on any agent.")
final class ResumeCommand extends MigratingCommand {
    @Option(names = "--on", paramLabel = "AGENT", required = true, description = "The agent that is to have it.")
    private String agent = "";

    @Option(
            names = "--force",
            description =
                    "The partition is lost with an agent that is gone, and its program does not run any more: bring back what "
                            + "was last committed. Whatever it has written since is lost.")
    private boolean force;

    @Override
    boolean isForced() {
        return force;
    }

    ResumeCommand() {
        super("resume");
    }

    @Override
    String to() {
        return agent;
    }
}
