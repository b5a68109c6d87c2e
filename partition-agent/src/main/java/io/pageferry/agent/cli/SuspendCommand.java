package io.pageferry.agent.cli;

import picocli.CommandLine.Command;

/** Moves a partition out to the paging device. */
@Command(
        name = "suspend",
        description = "Moves a partition out to the paging device, where it stays until it is resumed.")
final class SuspendCommand extends MigratingCommand {
    SuspendCommand() {
        super("suspend");
    }

    @Override
    String to() {
        return "";
    }
}
