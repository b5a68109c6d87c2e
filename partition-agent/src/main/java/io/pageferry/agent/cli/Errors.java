package io.pageferry.agent.cli;

import io.pageferry.agent.control.ControlException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Every failure is one line on stderr: exit code 1, or 2 where the command itself was wrong. */
final class Errors implements IExecutionExceptionHandler, IParameterExceptionHandler {
    static final int FAILED = ExitCode.SOFTWARE;
    static final int WRONG_USAGE = ExitCode.USAGE;

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
        if (e instanceof InterruptedException) {
            return failed(command.getErr(), "interrupted");
        }
        if (e instanceof ControlException) {
            return failed(command.getErr(), String.valueOf(e.getMessage()));
        }
        return failed(command.getErr(), "unexpected " + e);
    }

    @Override
    public int handleParseException(ParameterException e, String[] arguments) {
        CommandLine command = e.getCommandLine();
        String help = command.getCommandSpec().qualifiedName() + " --help";
        failed(command.getErr(), e.getMessage() + "; try " + help);
        return WRONG_USAGE;
    }

    private static int failed(PrintWriter err, String message) {
        err.println("pageferry: " + message.replaceAll("\\s*\\R\\s*", " "));
        err.flush();
        return FAILED;
    }
}
