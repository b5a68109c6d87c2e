package io.pageferry.server;

import io.pageferry.server.catalog.CatalogException;
import io.pageferry.server.nbd.NbdServerOptions;
import io.pageferry.server.pool.PoolException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code scripts/paging-server.sh}: starts a paging server, says where it listens, and stops it on SIGTERM. */
@Command(
        name = "paging-server",
        description = "Serves the paging spaces of a pool over NBD.",
        mixinStandardHelpOptions = true)
public final class PagingServerMain implements Callable<Integer> {
    private static final System.Logger LOG = System.getLogger(PagingServerMain.class.getName());

    /** What Linux takes (tcp(7), TCP_KEEPIDLE). */
    private static final int MAX_KEEPALIVE_SECONDS = 32_767;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(
            names = "--pool",
            required = true,
            paramLabel = "DIR",
            description = "The folder of the spaces; made if it is missing.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path pool;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:10809",
            description = "Where to serve NBD (default: ${DEFAULT-VALUE}; port 0: any).")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private List<String> listen;

    @Option(names = "--unix", paramLabel = "PATH", description = "A Unix socket to serve NBD on, too.")
    private final List<Path> unixSockets = new ArrayList<>();

    @Option(
            names = "--control",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:10880",
            description = "Where to serve the control API (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private String control;

    @Option(
            names = "--direct",
            paramLabel = "PATH",
            description = "A Unix socket where agents of this host get spaces by descriptor: the direct path.")
    private @Nullable Path direct;

    @Option(
            names = "--max-connections",
            paramLabel = "N",
            defaultValue = "4096",
            description = "More NBD connections are refused (default: ${DEFAULT-VALUE}).")
    private int maxConnections;

    @Option(
            names = "--keepalive",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "A TCP client that is silent for so long is probed, and dropped after as long again"
                    + " (default: ${DEFAULT-VALUE}).")
    private int keepaliveSeconds;

    private PagingServerMain() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new PagingServerMain()).execute(args));
    }

    @Override
    public Integer call() throws InterruptedException {
        if (keepaliveSeconds < 1 || keepaliveSeconds > MAX_KEEPALIVE_SECONDS) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--keepalive is 1 to " + MAX_KEEPALIVE_SECONDS + " seconds");
        }
        PagingServerOptions options = new PagingServerOptions(
                pool,
                listen.stream().map(this::address).toList(),
                unixSockets,
                address(control),
                NbdServerOptions.defaults().withMaxConnections(maxConnections).withKeepalive(keepaliveSeconds),
                Optional.ofNullable(direct));
        PagingServer server;
        try {
            server = PagingServer.start(options);
        } catch (IOException | PoolException e) {
            return failed(String.valueOf(e.getMessage()));
        } catch (CatalogException e) {
            return failed(e.getMessage() + ": " + e.hint());
        }
        print(server);
        waitForSignal(server);
        return CommandLine.ExitCode.OK;
    }

    private int failed(String why) {
        spec.commandLine().getErr().println("paging-server: " + why);
        return CommandLine.ExitCode.SOFTWARE;
    }

    private void print(PagingServer server) {
        PrintWriter out = spec.commandLine().getOut();
        out.println("pool " + pool.toAbsolutePath() + ", "
                + server.pool().list().size() + " spaces, " + (server.nbd().usesEpoll() ? "epoll" : "NIO"));
        for (InetSocketAddress address : server.addresses()) {
            out.println("listening on nbd://" + address.getHostString() + ":" + address.getPort());
        }
        for (Path socket : unixSockets) {
            out.println("listening on nbd+unix:///?socket=" + socket.toAbsolutePath());
        }
        if (direct != null) {
            out.println("direct path at " + direct.toAbsolutePath());
        }
        InetSocketAddress api = server.controlAddress();
        out.println("control API on http://" + api.getHostString() + ":" + api.getPort());
        out.flush();
    }

    /** Sleeps until the process is asked to end, and lets it end only when the server has. */
    private static void waitForSignal(PagingServer server) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(() -> {
            server.close();
            LOG.log(System.Logger.Level.INFO, "stopped");
        }));
        never.await();
    }

    private InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            String host = text.substring(0, Math.max(0, colon)).replaceAll("^\\[|]$", "");
            if (colon > 0) {
                return new InetSocketAddress(host, port);
            }
        } catch (IllegalArgumentException e) {
            // refused below
        }
        throw new CommandLine.ParameterException(
                spec.commandLine(), "'" + text + "' is not HOST:PORT, such as 127.0.0.1:10809");
    }
}
