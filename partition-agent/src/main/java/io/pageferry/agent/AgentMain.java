package io.pageferry.agent;

import io.pageferry.agent.control.ControlException;
import io.pageferry.linux.LinuxException;
import io.pageferry.pager.PageTableSwitch;
import io.pageferry.units.ByteSize;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Runs an agent until SIGTERM. */
@Command(
        name = "partition-agent.sh",
        mixinStandardHelpOptions = true,
        description =
                "Hosts partitions: programs attach to its socket, and the paging server tells it to migrate them.")
public final class AgentMain implements Callable<Integer> {
    private static final Logger LOG = System.getLogger(AgentMain.class.getName());

    @Option(names = "--name", required = true, description = "The agent's name at the paging server.")
    private String name = "";

    @Option(
            names = "--server",
            defaultValue = "${env:PAGEFERRY_SERVER:-http://127.0.0.1:10880}",
            description = "The paging server's control address (default: ${DEFAULT-VALUE}).")
    private URI server = URI.create("http://127.0.0.1:10880");

    @Option(names = "--socket", required = true, description = "Where programs attach: the path of a Unix socket.")
    private Path socket = Path.of("agent.sock");

    @Option(
            names = "--heat-interval",
            paramLabel = "SECONDS",
            defaultValue = "0",
            description =
                    "Sample how often pages are used every so many seconds (default: ${DEFAULT-VALUE}), rarer where it "
                            + "would cost a program more than 0.5 percent; 0 for never.")
    private double heatIntervalSeconds = 0;

    @Option(
            names = "--max-postcopy-bandwidth",
            paramLabel = "SIZE",
            defaultValue = "0",
            converter = SizeConverter.class,
            description =
                    "The most that is fetched in the background in a second, such as 64M, once a partition runs here; "
                            + "0 for no limit (the default). Pages that the program waits for come without a limit.")
    private long maxPostcopyBandwidth;

    @Option(
            names = "--no-prefetch",
            description =
                    "Fetch nothing while the source still sends: all of a partition's pages come after it has moved.")
    private boolean withoutPrefetch;

    @Option(
            names = "--allocate-ahead",
            description =
                    "Allocate the memory of programs that begin here before they run, and of those that wait here before"
                            + " their partitions come: migrations take less time, and all of that memory is in use.")
    private boolean allocateAhead;

    @Option(
            names = "--path",
            paramLabel = "auto|nbd|direct",
            defaultValue = "auto",
            description = "How pages go to and from the paging spaces, where a migration does not say: direct where the"
                    + " server is on this host (auto, the default), by NBD, or direct.")
    private PathChoice path = PathChoice.AUTO;

    @Option(
            names = "--stream",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:0",
            description =
                    "Where to take pages straight from other agents, for migrations via the network: an address by"
                            + " which they reach this host (default: ${DEFAULT-VALUE}; port 0: any).")
    private String stream = "127.0.0.1:0";

    private static final class SizeConverter implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            try {
                return ByteSize.parse(text);
            } catch (IllegalArgumentException wrong) {
                throw new TypeConversionException(wrong.getMessage());
            }
        }
    }

    @Option(
            names = "--sweep-portion",
            paramLabel = "PAGES",
            description = "After an arrival, invalidate the old page table's entries so many pages at a time (default: "
                    + "${DEFAULT-VALUE}).")
    private long sweepPortionPages = PageTableSwitch.Pace.DEFAULT.portionPages();

    @Option(
            names = "--sweep-interval",
            paramLabel = "MS",
            description = "... with so many milliseconds between (default: ${DEFAULT-VALUE}).")
    private long sweepIntervalMs = PageTableSwitch.Pace.DEFAULT.interval().toMillis();

    /** Exits with 0 after SIGTERM, 1 if the agent cannot start, 2 for wrong usage. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new AgentMain())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(arguments));
    }

    // On SIGTERM the JVM ends when its hooks have: this one lets the main thread close the agent first.
    private static void endAndAwait(CountDownLatch ended, CountDownLatch closed) {
        ended.countDown();
        try {
            if (!closed.await(5, TimeUnit.SECONDS)) System.err.println("partition-agent: did not close within 5 s");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private Duration heatInterval() {
        return Duration.ofMillis(Math.round(heatIntervalSeconds * 1000));
    }

    private static void rehearse(PartitionAgent agent) {
        try {
            agent.rehearse();
            LOG.log(Level.DEBUG, "rehearsed");
        } catch (IOException | RuntimeException failure) {
            // Everything works without it, only slower the first time.
            LOG.log(Level.WARNING, "no rehearsal, the first migration will be slower: {0}", failure.getMessage());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private InetSocketAddress streamAddress() {
        int colon = stream.lastIndexOf(':');
        if (colon < 1) throw new IllegalArgumentException("'" + stream + "' is not HOST:PORT, such as 127.0.0.1:0");
        return new InetSocketAddress(stream.substring(0, colon), Integer.parseInt(stream.substring(colon + 1)));
    }

    private AgentOptions options() {
        return new AgentOptions(
                heatInterval(),
                !withoutPrefetch,
                allocateAhead,
                maxPostcopyBandwidth,
                sweepPace(),
                path,
                streamAddress());
    }

    private PageTableSwitch.Pace sweepPace() {
        return new PageTableSwitch.Pace(sweepPortionPages, Duration.ofMillis(sweepIntervalMs));
    }

    @Override
    public Integer call() throws InterruptedException {
        CountDownLatch ended = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        try (PartitionAgent agent = new PartitionAgent(name, server, socket, options())) {
            agent.start();
            Thread.ofPlatform().name("rehearsal").daemon().start(() -> rehearse(agent));
            System.out.println("agent " + name + " serves " + socket + " for the paging server at " + server);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> endAndAwait(ended, closed)));
            ended.await();
        } catch (ControlException | LinuxException | IOException | IllegalArgumentException failure) {
            System.err.println("partition-agent: " + failure.getMessage());
            return 1;
        }
        closed.countDown();
        return 0;
    }
}
