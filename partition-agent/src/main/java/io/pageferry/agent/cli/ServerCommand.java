package io.pageferry.agent.cli;

import io.pageferry.agent.control.Answer;
import io.pageferry.agent.control.ControlClient;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** A command of its own, without a group: it talks to the server and returns its exit code. */
abstract class ServerCommand implements Callable<Integer> {
    @ParentCommand
    private PageferryMain main = new PageferryMain();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public final Integer call() throws InterruptedException {
        try (ControlClient server = main.serverOptions().client()) {
            return run(server);
        }
    }

    /** Does what it is for; returns the exit code. */
    abstract int run(ControlClient server) throws InterruptedException;

    /** Shows an answer as it came, or as text. */
    final int show(Answer answer, Function<JsonNode, Iterable<String>> text) {
        main.serverOptions().console(out()).show(answer, text);
        return 0;
    }

    /** Shows something else than the answer itself. */
    final void show(JsonNode json, Iterable<String> text) {
        main.serverOptions().console(out()).show(json, text);
    }

    final boolean isJson() {
        return main.serverOptions().isJson();
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
