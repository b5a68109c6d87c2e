package io.pageferry.agent;

import io.pageferry.agent.control.ControlClient;
import io.pageferry.attach.AttachLostException;
import io.pageferry.attach.AttachServer;
import io.pageferry.attach.AttachedPartition;
import io.pageferry.attach.ProgramFailedException;
import io.pageferry.attach.ProgramState;
import io.pageferry.migration.TargetMigration;
import io.pageferry.pagetable.Table;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The pager beside partitions: programs attach to it, the paging server tells it what to do with them.
 *
 * <p>Lifecycle: constructed, {@link #start}, {@link #close}. Programs outlive it; they wait for the next agent.
 */
public final class PartitionAgent implements AutoCloseable {
    private static final Logger LOG = System.getLogger(PartitionAgent.class.getName());
    private static final byte[] NO_STATE = {};

    private final ControlClient control;
    private final Coordinator coordinator;
    private final Map<String, HostedPartition> hosted = new ConcurrentHashMap<>();
    private final HeatLoop heat;
    private final WorkLoop work;
    private final AttachServer attachServer;

    /**
     * @param name the agent's name at the server
     * @param server the server's control API
     * @param socket where programs attach
     * @param heatInterval how often the use of pages is sampled while partitions run; zero for never
     */
    public PartitionAgent(String name, URI server, Path socket, Duration heatInterval) {
        this.heat = new HeatLoop(hosted, heatInterval);
        this.control = new ControlClient(server);
        this.coordinator = new Coordinator(name, control);
        this.work = new WorkLoop(coordinator, hosted);
        this.attachServer = new AttachServer(socket, this::attached);
    }

    /** Registers at the server and begins to serve; fails at once if the server is not there or refuses. */
    public void start() throws InterruptedException {
        work.register();
        attachServer.start();
        work.start();
        heat.start();
    }

    @Override
    public void close() {
        heat.close();
        attachServer.close();
        work.close();
        control.close();
    }

    private void attached(AttachedPartition partition) {
        HostedPartition one = new HostedPartition(partition);
        hosted.put(one.name(), one);
        var _ = partition.gone().thenRun(() -> left(one));
        Thread.ofPlatform().name("partition-" + one.name()).daemon().start(() -> welcome(one));
    }

    // Beside the connection's thread, which must be free to read the program's answers.
    private void welcome(HostedPartition one) {
        try {
            ProgramState state = one.attached().state();
            if (state == ProgramState.NEW) one.attached().resume(Table.PARTITION, NO_STATE);
            if (state == ProgramState.DEPARTED) one.attached().awaitArrival();
            work.partitionsChanged();
            if (state == ProgramState.QUIESCED) work.settle(one);
        } catch (AttachLostException | ProgramFailedException failure) {
            LOG.log(Level.WARNING, "partition {0}: {1}", one.name(), failure.getMessage());
        }
    }

    private void left(HostedPartition one) {
        hosted.remove(one.name(), one);
        work.partitionsChanged();
        Optional<TargetMigration.Arrived> arriving = one.arrived();
        arriving.ifPresent(TargetMigration.Arrived::stopFilling);
        Thread.ofPlatform().name("farewell-" + one.name()).daemon().start(() -> {
            work.awaitIdle(one);
            one.heat().close();
            arriving.ifPresent(TargetMigration.Arrived::close);
            one.attached().close();
        });
    }
}
