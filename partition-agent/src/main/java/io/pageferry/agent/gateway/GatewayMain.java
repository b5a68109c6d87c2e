package io.pageferry.agent.gateway;

import io.pageferry.agent.control.ControlClient;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a gateway until SIGTERM. */
@Command(
        name = "gateway.sh",
        mixinStandardHelpOptions = true,
        description = "Takes a partition's Redis clients to wherever the partition runs.")
public final class GatewayMain implements Callable<Integer> {
    @Option(names = "--partition", required = true, description = "The partition's name.")
    private String partition = "";

    @Option(names = "--listen", required = true, description = "Where clients connect, HOST:PORT.")
    private String listen = "";

    @Option(
            names = "--server",
            defaultValue = "${env:PAGEFERRY_SERVER:-http://127.0.0.1:10880}",
            description = "The paging server's control address (default: ${DEFAULT-VALUE}).")
    private URI server = URI.create("http://127.0.0.1:10880");

    @Option(
            names = "--hold-ms",
            defaultValue = "30000",
            description =
                    "How long requests wait for a suspended partition before they get an error (default: ${DEFAULT-VALUE}).")
    private long holdMs;

    /** Exits with 1 if the gateway cannot start, 2 for wrong usage. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new GatewayMain()).execute(arguments));
    }

    @Override
    public Integer call() throws InterruptedException {
        int colon = listen.lastIndexOf(':');
        if (colon < 1) {
            System.err.println("gateway: --listen takes HOST:PORT, not '" + listen + "'");
            return 2;
        }
        InetSocketAddress place =
                new InetSocketAddress(listen.substring(0, colon), Integer.parseInt(listen.substring(colon + 1)));
        Gateway gateway = new Gateway(new ControlClient(server), partition, Duration.ofMillis(holdMs));
        Runtime.getRuntime().addShutdownHook(new Thread(gateway::close));
        InetSocketAddress bound = gateway.start(place);
        System.out.println(
                "gateway for partition " + partition + " listens at " + bound.getHostString() + ":" + bound.getPort());
        new CountDownLatch(1).await();
        return 0;
    }
}
