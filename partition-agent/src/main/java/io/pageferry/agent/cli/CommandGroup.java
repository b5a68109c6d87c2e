package io.pageferry.agent.cli;

import io.pageferry.agent.control.Answer;
import io.pageferry.agent.control.ControlClient;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/**
 * A group of commands about one thing, such as {@code space}: each command is a method of the group that makes one call and says
 * how its answer is shown to people. Everything else is here and in {@link Errors}.
 */
abstract class CommandGroup implements Runnable {
    @ParentCommand
    private PageferryMain main = new PageferryMain();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** One request to the server. */
    @FunctionalInterface
    interface Call {
        Answer on(ControlClient client) throws InterruptedException;
    }

    /** Makes the call and shows its answer; returns the exit code. */
    final int call(Call call, Function<JsonNode, Iterable<String>> text) throws InterruptedException {
        ServerOptions options = main.serverOptions();
        try (ControlClient client = options.client()) {
            options.console(spec.commandLine().getOut()).show(call.on(client), text);
        }
        return 0;
    }

    /** The group alone, without a command, is a mistake. */
    @Override
    public final void run() {
        throw new ParameterException(
                spec.commandLine(),
                "say which command: " + String.join(", ", spec.subcommands().keySet()));
    }
}
