package io.pageferry.agent;

import io.pageferry.agent.control.ControlClient;
import io.pageferry.agent.control.ControlException;
import io.pageferry.agent.rehearsal.Rehearsal;
import io.pageferry.attach.AttachLostException;
import io.pageferry.attach.AttachServer;
import io.pageferry.attach.AttachedPartition;
import io.pageferry.attach.ProgramFailedException;
import io.pageferry.attach.ProgramState;
import io.pageferry.attach.ProtocolException;
import io.pageferry.pagetable.Table;
import io.pageferry.process.Foreground;
import io.pageferry.stream.StreamListener;
import io.pageferry.stream.StreamedManifests;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The pager beside partitions: programs attach to it, the paging server tells it what to do with them.
 *
 * <p>Lifecycle: constructed, {@link #start}, {@link #close}. Programs outlive it; they wait for the next agent.
 */
public final class PartitionAgent implements AutoCloseable {
    private static final Logger LOG = System.getLogger(PartitionAgent.class.getName());
    private static final byte[] NO_STATE = {};
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final Path MOUNTS = Path.of("/proc/self/ns/mnt");

    private final ControlClient control;
    private final Coordinator coordinator;
    private final Map<String, HostedPartition> hosted = new ConcurrentHashMap<>();
    private final HeatLoop heat;
    private final StreamListener streams;
    private final Ways ways;
    private final WorkLoop work;
    private final AttachServer attachServer;
    private final boolean allocatesAhead;

    /**
     * @param name the agent's name at the server
     * @param server the server's control API
     * @param socket where programs attach
     * @throws IOException if the address for streams cannot be had
     */
    public PartitionAgent(String name, URI server, Path socket, AgentOptions options) throws IOException {
        this.streams = StreamListener.start(options.stream());
        // Its threads have the weight of the one that makes them, and bring the news that a program at rest waits for.
        try (var _ = Foreground.begin()) {
            this.control = new ControlClient(server);
        }
        this.coordinator = new Coordinator(name, control, placeOf(socket), streams.address());
        this.heat = new HeatLoop(coordinator, hosted, options.heatInterval());
        this.allocatesAhead = options.allocatesAhead();
        Arrivals arrivals = new Arrivals(
                coordinator, options.prefetches(), options.maxPostcopyBytesPerSecond(), options.sweepPace());
        this.ways = new Ways(options.path(), streams, new StreamedManifests(Path.of(socket + ".arrivals")));
        this.work = new WorkLoop(coordinator, hosted, arrivals, ways);
        this.attachServer = new AttachServer(socket, this::attached);
    }

    /** Registers at the server and begins to serve; fails at once if the server is not there or refuses. */
    public void start() throws InterruptedException {
        work.register();
        attachServer.start();
        work.start();
        heat.start();
    }

    /** Does what a migration asks of this agent once for practice: see {@link Rehearsal}. */
    void rehearse() throws IOException, InterruptedException {
        Rehearsal.run();
        control.rehearse();
    }

    @Override
    public void close() {
        heat.close();
        // In this order: what lets go of this agent lives on, and must not be reported as gone.
        work.close();
        attachServer.close();
        streams.close();
        control.close();
    }

    /** Where programs attach, told apart from all other such places; whoever serves it, nobody else does. */
    private static String placeOf(Path socket) {
        try {
            String host = Files.readString(BOOT_ID).strip();
            return host + ":" + Files.readSymbolicLink(MOUNTS) + ":"
                    + socket.toAbsolutePath().normalize();
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot tell which host this is", failure);
        }
    }

    private void attached(AttachedPartition partition) {
        HostedPartition one = new HostedPartition(partition, allocatesAhead);
        HostedPartition former = hosted.put(one.name(), one);
        if (one.attached().state() == ProgramState.NEW) claim(one);
        if (former != null) LOG.log(Level.DEBUG, "partition {0} replaces one that has just gone", one.name());
        var _ = partition.gone().thenRun(() -> left(one));
        Thread.ofPlatform().name("partition-" + one.name()).daemon().start(() -> welcome(one));
    }

    /**
     * Makes sure that a program which is to begin on empty memory may: its partition is new, or was this agent's and is lost.
     *
     * <p>Invariant: a program runs only where the server says that its partition is.
     */
    private void claim(HostedPartition one) {
        String refusal;
        try {
            refusal = work.claim(one);
        } catch (ControlException failure) {
            refusal = "whose partition " + one.name() + " is cannot be asked: " + failure.getMessage();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            refusal = "the agent is closing";
        }
        if (refusal.isEmpty()) return;
        hosted.remove(one.name(), one);
        work.partitionsChanged();
        throw new ProtocolException(refusal);
    }

    // Beside the connection's thread, which must be free to read the program's answers.
    private void welcome(HostedPartition one) {
        try {
            ProgramState state = one.attached().state();
            if (state == ProgramState.NEW) begin(one);
            prepareToWait(one, state);
            work.partitionsChanged();
            work.attached(one);
        } catch (AttachLostException | ProgramFailedException failure) {
            LOG.log(Level.WARNING, "partition {0}: {1}", one.name(), failure.getMessage());
        }
    }

    private static void begin(HostedPartition one) {
        try {
            one.standby().allocateToBegin();
            one.attached().resume(Table.PARTITION, NO_STATE);
        } finally {
            one.begun();
        }
    }

    // A former agent may have died while it prefetched, and left pages behind. What came by streams may be all there is
    // of the partition:
    // whether it is, is settled.
    private void prepareToWait(HostedPartition one, ProgramState state) {
        boolean waits = state == ProgramState.INCOMING;
        try {
            if (!waits) ways.manifests().drop(one.name());
            else if (ways.manifests().migrationOf(one.name()).isPresent()) return;
        } catch (UncheckedIOException unknown) {
            LOG.log(Level.WARNING, "partition {0}: {1}", one.name(), unknown.getMessage());
            if (waits) return;
        }
        if ((waits || state == ProgramState.DEPARTED) && !one.standby().prepareAnew()) {
            LOG.log(Level.DEBUG, "partition {0} arrives already", one.name());
        }
    }

    private void left(HostedPartition one) {
        hosted.remove(one.name(), one);
        one.standby().giveUp();
        work.partitionsChanged();
        one.turns().end();
        one.filling().ifPresent(filling -> filling.arrived().stopFilling());
        Thread.ofPlatform().name("farewell-" + one.name()).daemon().start(() -> farewell(one));
    }

    private void farewell(HostedPartition one) {
        try {
            work.awaitIdle(one);
            if (one.filling().isPresent()) one.filling().get().awaitEnd();
            one.heat().close();
            one.standby().close();
            one.spaceMappings().close();
            one.attached().close();
        } catch (InterruptedException ending) {
            LOG.log(Level.DEBUG, "partition {0} is let go with the agent", one.name());
        }
    }
}
