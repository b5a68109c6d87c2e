package io.pageferry.agent.cli;

import io.pageferry.agent.control.ControlClient;
import java.io.PrintWriter;
import java.net.URI;
import java.net.URISyntaxException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The options of every command: which server, and how the result is shown. They may stand before or after the command. */
final class ServerOptions {
    private static final String DEFAULT_SERVER = "http://127.0.0.1:10880";

    @Option(
            names = "--server",
            paramLabel = "URL",
            scope = ScopeType.INHERIT,
            defaultValue = "${env:PAGEFERRY_SERVER:-" + DEFAULT_SERVER + "}",
            description = "The paging server's control address (default: the variable PAGEFERRY_SERVER, or "
                    + DEFAULT_SERVER + ").")
    private String server = DEFAULT_SERVER;

    @Option(
            names = "--json",
            scope = ScopeType.INHERIT,
            description = "Print JSON: the server's answer, unchanged; a migration as query-migrate has it.")
    private boolean json;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    /** A client of the server that was named; throws a usage error where that is no URL. */
    ControlClient client() {
        try {
            URI uri = new URI(server);
            boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (http && uri.getHost() != null) {
                return new ControlClient(uri);
            }
        } catch (URISyntaxException e) {
            // Said below, as for every other wrong address.
        }
        throw new ParameterException(
                spec.commandLine(),
                "'" + server + "' is not the address of a server: write one such as " + DEFAULT_SERVER);
    }

    Console console(PrintWriter out) {
        return new Console(out, json);
    }

    boolean isJson() {
        return json;
    }
}
