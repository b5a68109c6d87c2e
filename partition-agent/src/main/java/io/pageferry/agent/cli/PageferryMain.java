package io.pageferry.agent.cli;

import io.pageferry.units.ByteSize;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The operator's command, {@code scripts/pageferry.sh}. */
@Command(
        name = "pageferry",
        description = "Operates a paging server: its spaces, and what migrates through them.",
        subcommands = {
            SpaceCommand.class,
            AgentsCommand.class,
            PartitionsCommand.class,
            HeatCommand.class,
            MigrateCommand.class,
            SuspendCommand.class,
            ResumeCommand.class,
            StatusCommand.class,
            CancelCommand.class
        },
        mixinStandardHelpOptions = true,
        version = "pageferry 0.1.0",
        synopsisSubcommandLabel = "COMMAND",
        scope = CommandLine.ScopeType.INHERIT)
public final class PageferryMain implements Runnable {
    @Mixin
    private ServerOptions serverOptions = new ServerOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    public static void main(String[] arguments) {
        PrintWriter out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        int exitCode = run(out, err, arguments);
        out.flush();
        System.exit(exitCode);
    }

    /** Runs one command; returns 0, 1 where it failed, 2 where it was called wrongly. */
    public static int run(PrintWriter out, PrintWriter err, String... arguments) {
        Errors errors = new Errors();
        return new CommandLine(new PageferryMain())
                .registerConverter(ByteCount.class, PageferryMain::byteCount)
                .registerConverter(Milliseconds.class, Milliseconds::parse)
                .setOut(out)
                .setErr(err)
                .setExecutionExceptionHandler(errors)
                .setParameterExceptionHandler(errors)
                .execute(arguments);
    }

    /** The options that every command shares. */
    ServerOptions serverOptions() {
        return serverOptions;
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "say which command: " + String.join(", ", spec.subcommands().keySet()));
    }

    private static ByteCount byteCount(String text) {
        try {
            return new ByteCount(ByteSize.parse(text));
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }
}
