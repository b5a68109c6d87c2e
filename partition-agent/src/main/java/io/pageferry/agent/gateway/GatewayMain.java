package io.pageferry.agent.gateway;

import io.pageferry.agent.control.ControlClient;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Runs a gateway until SIGTERM. */
@Command(
        name = "gateway.sh",
        mixinStandardHelpOptions = true,
        description = "Takes a partition's Redis clients to wherever the partition runs.")
public final class GatewayMain implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;
    private static final long MAX_HOLD_MS = Duration.ofDays(1).toMillis();
    private static final int MAX_PORT = 65535;

    @Option(names = "--partition", paramLabel = "NAME", required = true, description = "The partition's name.")
    private String partition = "";

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            required = true,
            converter = PlaceConverter.class,
            description = "Where clients connect, such as 127.0.0.1:6379; port 0 takes any.")
    private InetSocketAddress listen = new InetSocketAddress(0);

    @Option(
            names = "--server",
            paramLabel = "URL",
            defaultValue = "${env:PAGEFERRY_SERVER:-http://127.0.0.1:10880}",
            converter = ServerConverter.class,
            description = "The paging server's control address (default: ${DEFAULT-VALUE}).")
    private URI server = URI.create("http://127.0.0.1:10880");

    @Option(
            names = "--hold-ms",
            paramLabel = "MS",
            defaultValue = "30000",
            description =
                    "How long requests wait for a partition that is suspended, or does not answer, before they get an"
                            + " error: 1 to 86400000, a day (default: ${DEFAULT-VALUE}).")
    private long holdMs;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final PrintStream err;

    private GatewayMain(PrintStream err) {
        this.err = err;
    }

    /** Exits with 1 if the gateway cannot start, 2 for wrong usage. */
    public static void main(String[] arguments) {
        System.exit(run(System.err, arguments));
    }

    static int run(PrintStream err, String... arguments) {
        GatewayMain gateway = new GatewayMain(err);
        return new CommandLine(gateway)
                .setParameterExceptionHandler((wrong, given) -> gateway.said(wrong.getMessage(), WRONG_USAGE))
                .execute(arguments);
    }

    @Override
    public Integer call() throws InterruptedException {
        if (holdMs < 1 || holdMs > MAX_HOLD_MS) {
            throw new ParameterException(
                    spec.commandLine(), "--hold-ms takes 1 to " + MAX_HOLD_MS + " milliseconds, not " + holdMs);
        }
        Gateway gateway = new Gateway(new ControlClient(server), partition, Duration.ofMillis(holdMs));
        Runtime.getRuntime().addShutdownHook(new Thread(gateway::close));
        try {
            InetSocketAddress bound = gateway.start(listen);
            System.out.println("gateway for partition " + partition + " listens at " + bound.getHostString() + ":"
                    + bound.getPort());
        } catch (IOException failure) {
            return said(failure.getMessage(), FAILED);
        }
        new CountDownLatch(1).await();
        return 0;
    }

    private int said(@Nullable String what, int exitCode) {
        err.println("gateway: " + what);
        return exitCode;
    }

    private static final class PlaceConverter implements ITypeConverter<InetSocketAddress> {
        @Override
        public InetSocketAddress convert(String text) {
            int colon = text.lastIndexOf(':');
            String port = text.substring(colon + 1);
            if (colon < 1 || !port.matches("\\d{1,5}") || Integer.parseInt(port) > MAX_PORT) {
                throw new TypeConversionException("'" + text + "' is not HOST:PORT, such as 127.0.0.1:6379");
            }
            InetSocketAddress place = new InetSocketAddress(text.substring(0, colon), Integer.parseInt(port));
            if (place.isUnresolved())
                throw new TypeConversionException("there is no host '" + place.getHostString() + "'");
            return place;
        }
    }

    private static final class ServerConverter implements ITypeConverter<URI> {
        @Override
        public URI convert(String text) {
            URI url = URI.create(text);
            boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
            if (!http || url.getHost() == null) {
                throw new TypeConversionException("'" + text + "' is not a URL such as http://127.0.0.1:10880");
            }
            return url;
        }
    }
}
