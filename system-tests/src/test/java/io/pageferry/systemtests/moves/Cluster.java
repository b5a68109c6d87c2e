package io.pageferry.systemtests.moves;

import io.pageferry.agent.AgentMain;
import io.pageferry.agent.cli.PageferryMain;
import io.pageferry.agent.gateway.GatewayMain;
import io.pageferry.examples.kv.KvMain;
import io.pageferry.server.PagingServerMain;
import io.pageferry.systemtests.CliProcess;
import io.pageferry.testing.ChildJvm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** A paging server, agents, stores of one partition and a gateway: each a process of its own, all of them on this host. */
final class Cluster implements AutoCloseable {
    static final String PARTITION = "store";

    /** Many short-lived processes on few cores: what they cost is their start. */
    private static final List<String> QUICK_START =
            List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto");

    private final Path folder;
    private final String memory;
    private final boolean direct;
    private final int controlPort;
    private final Operator operator;
    private final Map<String, ChildJvm> agents = new ConcurrentHashMap<>();
    private final List<ChildJvm> others = new ArrayList<>();
    private final List<String> agentOptions;
    private ChildJvm server;

    private Cluster(Path folder, String memory, boolean direct, List<String> agentOptions) throws IOException {
        this.direct = direct;
        this.folder = folder;
        this.memory = memory;
        this.agentOptions = agentOptions;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            this.controlPort = free.getLocalPort();
        }
        this.operator = new Operator(control());
        this.server = startServer();
    }

    /**
     * Starts the paging server.
     *
     * @param memory of each store, such as {@code 64M}
     */
    static Cluster start(String memory, String... agentOptions) throws IOException {
        return start(memory, false, agentOptions);
    }

    /** As {@link #start}, where the server serves the direct path too, so that agents take it. */
    static Cluster startDirect(String memory, String... agentOptions) throws IOException {
        return start(memory, true, agentOptions);
    }

    private static Cluster start(String memory, boolean direct, String... agentOptions) throws IOException {
        Path folder = Files.createTempDirectory(Path.of("/dev/shm"), "pageferry-moves");
        return new Cluster(folder, memory, direct, List.of(agentOptions));
    }

    URI control() {
        return URI.create("http://127.0.0.1:" + controlPort);
    }

    Operator operator() {
        return operator;
    }

    private ChildJvm startServer() {
        List<String> arguments = new ArrayList<>(List.of(
                "--pool=" + folder.resolve("pool"),
                "--listen=127.0.0.1:0",
                "--unix=" + nbdSocket(),
                "--control=127.0.0.1:" + controlPort));
        if (direct) arguments.add("--direct=" + directSocket());
        ChildJvm started = ChildJvm.start(QUICK_START, PagingServerMain.class, arguments.toArray(String[]::new));
        await(started, "control API on ");
        return started;
    }

    /** {@code kill -9}, and a start anew at the same addresses. */
    void killAndRestartServer() {
        server.close();
        server = startServer();
    }

    ChildJvm server() {
        return server;
    }

    void startAgents(String... names) {
        for (String name : names) {
            List<String> arguments =
                    new ArrayList<>(List.of("--name=" + name, "--server=" + control(), "--socket=" + socket(name)));
            arguments.addAll(agentOptions);
            ChildJvm agent = ChildJvm.start(QUICK_START, AgentMain.class, arguments.toArray(String[]::new));
            agents.put(name, agent);
        }
        for (String name : names) await(agent(name), "agent " + name + " serves");
    }

    ChildJvm agent(String name) {
        ChildJvm agent = agents.get(name);
        if (agent == null) throw new IllegalArgumentException("no agent " + name);
        return agent;
    }

    /** {@code kill -9}; its programs live on. */
    void killAgent(String name) {
        agent(name).close();
    }

    /** Ends an agent by SIGTERM. */
    void stopAgent(String name) {
        ChildJvm stopping = agent(name);
        ProcessHandle.of(stopping.pid()).ifPresent(ProcessHandle::destroy);
        stopping.awaitExit();
        stopping.close();
    }

    /** A store that starts on empty memory, attached to an agent. */
    ChildJvm startStore(String agent) {
        return store(agent);
    }

    /** A store that waits for the partition. */
    ChildJvm startTwin(String agent) {
        return store(agent, "--incoming");
    }

    private ChildJvm store(String agent, String... more) {
        ChildJvm store = startStoreUnawaited(agent, memory, more);
        await(store, "kv: listening on ");
        return store;
    }

    /** A store of which the caller awaits what it says. */
    ChildJvm startStoreUnawaited(String agent, String storeMemory, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--agent=" + socket(agent),
                "--partition=" + PARTITION,
                "--memory=" + storeMemory,
                "--listen=127.0.0.1:0"));
        arguments.addAll(List.of(more));
        ChildJvm store = ChildJvm.start(QUICK_START, KvMain.class, arguments.toArray(String[]::new));
        others.add(store);
        return store;
    }

    /** The operator's command, to its end. */
    CliProcess pageferry(String... arguments) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--server=" + control());
        return CliProcess.run(all.toArray(String[]::new));
    }

    /** The operator's command, of which the caller reads what it prints. */
    ChildJvm startPageferry(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--server=" + control());
        ChildJvm command = ChildJvm.start(QUICK_START, PageferryMain.class, all.toArray(String[]::new));
        others.add(command);
        return command;
    }

    /** The file of the partition's paging space. */
    Path space() {
        return folder.resolve("pool").resolve(PARTITION + ".space");
    }

    /** A gateway of the partition; the port at which it listens. */
    int startGateway(String... more) {
        List<String> arguments =
                new ArrayList<>(List.of("--partition=" + PARTITION, "--listen=127.0.0.1:0", "--server=" + control()));
        arguments.addAll(List.of(more));
        ChildJvm gateway = ChildJvm.start(QUICK_START, GatewayMain.class, arguments.toArray(String[]::new));
        others.add(gateway);
        String line = await(gateway, "gateway for partition ");
        return Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
    }

    private Path socket(String agent) {
        return folder.resolve(agent + ".sock");
    }

    /** Where the server serves the direct path. */
    Path directSocket() {
        return folder.resolve("direct.sock");
    }

    /** Where the server serves NBD, beside TCP. */
    Path nbdSocket() {
        return folder.resolve("nbd.sock");
    }

    private static String await(ChildJvm process, String begin) {
        while (true) {
            String line = process.nextLine();
            if (line.startsWith(begin)) return line;
        }
    }

    @Override
    public void close() throws IOException {
        others.forEach(ChildJvm::close);
        agents.values().forEach(ChildJvm::close);
        server.close();
        operator.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted((one, other) -> other.compareTo(one)).toList()) Files.delete(file);
        }
    }
}
