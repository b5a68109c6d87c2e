package io.pageferry.examples.kv;

import io.pageferry.partition.AttachException;
import io.pageferry.partition.Partition;
import io.pageferry.partition.PartitionOptions;
import io.pageferry.partition.StandaloneMemory;
import io.pageferry.process.Background;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Starts the store: attached to an agent, or standalone. See docs/kv.md. */
@Command(
        name = "kv.sh",
        mixinStandardHelpOptions = true,
        description = "A key-value store that speaks the Redis protocol and keeps its data in partition memory.")
public final class KvMain implements Callable<Integer> {
    @Option(
            names = "--agent",
            paramLabel = "SOCKET",
            description = "the agent's Unix socket; without it the store is standalone")
    private @Nullable Path agent;

    @Option(names = "--partition", paramLabel = "NAME", description = "the partition's name; needed with --agent")
    private @Nullable String partition;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            required = true,
            converter = ByteSize.class,
            description = "the partition memory, such as 512M or 1G")
    private long memoryBytes;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:6379",
            converter = HostAndPort.Converter.class,
            description = "where clients connect (default: ${DEFAULT-VALUE}; port 0: any)")
    private HostAndPort listen = new HostAndPort("127.0.0.1", 0);

    @Option(names = "--incoming", description = "wait for the partition to arrive, instead of starting on empty memory")
    private boolean incoming;

    @Spec
    private @Nullable CommandSpec spec;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new KvMain()).execute(arguments));
    }

    @Override
    public Integer call() throws InterruptedException {
        if (agent != null && partition == null) throw wrong("--agent needs --partition NAME");
        if (agent == null && (incoming || partition != null))
            throw wrong("--partition and --incoming need --agent SOCKET");
        if (memoryBytes % 4096 != 0) throw wrong("--memory must be a multiple of 4096 bytes, not " + memoryBytes);
        String name = partition == null ? "standalone" : partition;
        InetSocketAddress address = new InetSocketAddress(listen.host(), listen.port());
        try (KvServer server = KvServer.start(address, name, memoryBytes, KvServer.WALL_CLOCK)) {
            return agent == null ? serveAlone(server) : serveAttached(server, agent, name);
        } catch (IOException | AttachException | IllegalArgumentException failure) {
            System.err.println("kv: " + failure.getMessage());
            return 1;
        }
    }

    private int serveAlone(KvServer server) throws InterruptedException {
        try (StandaloneMemory alone = StandaloneMemory.create("standalone", memoryBytes)) {
            new KvProgram(server).resume(alone.memory(), new byte[0]);
            announce(server);
            Thread.currentThread().join();
            return 0;
        }
    }

    private int serveAttached(KvServer server, Path socket, String name) throws InterruptedException {
        String endpoint = announcedEndpoint(server).text();
        PartitionOptions options = (incoming ? PartitionOptions.waiting() : PartitionOptions.starting()).at(endpoint);
        try (Partition attached = Partition.attach(socket, name, memoryBytes, new KvProgram(server), options)) {
            // Behind the attach: each class that is loaded later takes compiled code back that did without it.
            if (incoming) rehearse();
            announce(server);
            attached.awaitDeparture();
        }
        // No more at the agent: the next to wait there takes this one's place while its clients are still being let go.
        try {
            server.awaitNoConnections();
        } catch (TimeoutException stillConnected) {
            System.err.println("kv: " + stillConnected.getMessage());
        }
        Background.forTheRest();
        return 0;
    }

    private static void rehearse() {
        try {
            Rehearsal.run();
        } catch (IOException failure) {
            System.err.println("kv: no rehearsal, the first requests will take longer: " + failure.getMessage());
        }
    }

    private void announce(KvServer server) {
        System.out.println("kv: listening on " + announcedEndpoint(server).text());
    }

    private HostAndPort announcedEndpoint(KvServer server) {
        return listen.withPort(server.address().getPort());
    }

    private ParameterException wrong(String message) {
        if (spec == null) throw new IllegalStateException(message);
        return new ParameterException(spec.commandLine(), message);
    }
}
