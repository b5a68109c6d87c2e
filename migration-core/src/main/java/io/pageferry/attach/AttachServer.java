package io.pageferry.attach;

import io.pageferry.linux.LinuxException;
import io.pageferry.linux.PeerCredentials;
import io.pageferry.linux.UnixListener;
import io.pageferry.linux.UnixSocket;
import io.pageferry.process.Foreground;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Where programs attach to an agent: a Unix socket of mode 0600. Peers of another user (root excepted) are refused, and
 * so is everything that does not keep to the protocol; the server goes on.
 */
public final class AttachServer implements AutoCloseable {
    /** The most connections at once. */
    public static final int MAX_CONNECTIONS = 256;

    /** How long a program waits to be attached for one that leaves; less than it waits for any answer. */
    private static final Duration LEAVING_LIMIT = Duration.ofSeconds(12);

    private static final Duration LEAVING_STEP = Duration.ofMillis(200);
    private static final Duration ACCEPT_PAUSE = Duration.ofMillis(200);
    private static final Logger LOG = System.getLogger(AttachServer.class.getName());

    private final UnixListener listener;
    private final int ownUserId;
    private final Consumer<AttachedPartition> onAttached;
    private final Duration handshakeLimit;
    private final Map<String, AttachedPartition> partitions = new ConcurrentHashMap<>();
    private final Set<MessageChannel> connections = ConcurrentHashMap.newKeySet();
    private final Thread acceptor;

    /**
     * Listens, but accepts nobody before {@link #start}.
     *
     * @param onAttached called on the connection's own thread, before the program is told that it is attached, so that
     *     faults are served from then on; it must not wait for the program. It owns the partition, and closes it once
     *     {@link AttachedPartition#gone} has completed and everything that uses it has stopped
     */
    public AttachServer(Path socket, Consumer<AttachedPartition> onAttached) {
        this(socket, onAttached, HandshakeTimer.LIMIT);
    }

    AttachServer(Path socket, Consumer<AttachedPartition> onAttached, Duration handshakeLimit) {
        this.handshakeLimit = handshakeLimit;
        this.listener = UnixListener.bind(socket);
        this.ownUserId = PeerCredentials.ownUserId();
        this.onAttached = onAttached;
        this.acceptor = Thread.ofPlatform().name("attach-acceptor").daemon().unstarted(this::acceptAll);
    }

    public void start() {
        acceptor.start();
    }

    /** The partitions that are attached now. */
    public Collection<AttachedPartition> partitions() {
        return List.copyOf(partitions.values());
    }

    public Optional<AttachedPartition> partition(String name) {
        return Optional.ofNullable(partitions.get(name));
    }

    @Override
    public void close() {
        listener.stop();
        try {
            acceptor.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        listener.close();
        connections.forEach(MessageChannel::shutdown);
    }

    private void acceptAll() {
        for (var accepted = accept(); accepted.isPresent(); accepted = accept()) {
            MessageChannel channel = new MessageChannel(accepted.get());
            connections.add(channel);
            Thread.ofPlatform().name("attach-connection").daemon().start(() -> serve(channel));
        }
    }

    // Whoever asks while descriptors are short waits; the ones that are attached go on.
    private Optional<UnixSocket> accept() {
        while (true) {
            try {
                return listener.accept();
            } catch (LinuxException shortage) {
                LOG.log(Level.WARNING, "cannot accept a program now: {0}", shortage.getMessage());
                LockSupport.parkNanos(ACCEPT_PAUSE.toNanos());
            }
        }
    }

    private void serve(MessageChannel channel) {
        try {
            Optional<AttachedPartition> attached = greet(channel);
            if (attached.isPresent()) serve(channel, attached.get());
        } catch (AttachLostException gone) {
            LOG.log(Level.DEBUG, "a program went while it attached", gone);
        } catch (RuntimeException unexpected) {
            LOG.log(Level.ERROR, "an attached program's connection failed", unexpected);
        } finally {
            connections.remove(channel);
            channel.close();
        }
    }

    private Optional<AttachedPartition> greet(MessageChannel channel) {
        HandshakeTimer timer = HandshakeTimer.start(channel, handshakeLimit);
        try (timer) {
            requireWelcome(channel.peer());
            return channel.receive().map(first -> Handshake.accept(channel, first));
        } catch (ProtocolException refused) {
            refuse(channel, refused.getMessage());
            return Optional.empty();
        }
    }

    private void serve(MessageChannel channel, AttachedPartition partition) {
        Optional<AttachedPartition> present = takePlace(partition);
        if (present.isPresent()) {
            refuse(
                    channel,
                    "partition " + partition.name() + " is attached already, by process "
                            + present.get().attachment().processId());
            partition.close();
            return;
        }
        try {
            LOG.log(
                    Level.INFO,
                    "partition {0} attached: {1} bytes, process {2}, {3}",
                    partition.name(),
                    Long.toString(partition.attachment().sizeBytes()),
                    Long.toString(partition.attachment().processId()),
                    partition.attachment().state().word());
            handOver(partition);
            channel.send(Message.of("attached").with("version", Attachment.VERSION), List.of());
            partition.opened();
            try (var _ = Foreground.begin()) {
                partition.serveReplies();
            }
        } catch (ProtocolException refused) {
            refuse(channel, refused.getMessage());
        } finally {
            partitions.remove(partition.name(), partition);
            partition.ended();
            LOG.log(Level.INFO, "partition {0} is gone", partition.name());
        }
    }

    /**
     * Makes this the partition of its name; returns the one that has the name and keeps it. A program whose partition has just
     * gone elsewhere says goodbye to its clients before it ends: whoever is to wait there next is let in then.
     */
    private Optional<AttachedPartition> takePlace(AttachedPartition partition) {
        long endNs = System.nanoTime() + LEAVING_LIMIT.toNanos();
        while (true) {
            AttachedPartition present = partitions.putIfAbsent(partition.name(), partition);
            if (present == null) return Optional.empty();
            long leftNs = endNs - System.nanoTime();
            if (!present.mayBeLeaving() || leftNs <= 0) return Optional.of(present);
            // In steps: one that was at rest may go on here after all, and one that is back from a departure stay.
            present.awaitGone(Math.min(leftNs, LEAVING_STEP.toNanos()));
        }
    }

    private void handOver(AttachedPartition partition) {
        try {
            onAttached.accept(partition);
        } catch (ProtocolException refused) {
            partition.closeDescriptors();
            throw refused;
        } catch (RuntimeException failure) {
            // Nobody has taken it over.
            partition.closeDescriptors();
            LOG.log(Level.ERROR, "the agent cannot take partition " + partition.name() + " over", failure);
            throw new ProtocolException("the agent cannot take the partition over: " + failure);
        }
    }

    private void requireWelcome(PeerCredentials peer) {
        if (peer.userId() != 0 && peer.userId() != ownUserId) {
            throw new ProtocolException("this agent serves user " + ownUserId + " and root, not user " + peer.userId());
        }
        if (connections.size() > MAX_CONNECTIONS) {
            throw new ProtocolException("this agent has " + MAX_CONNECTIONS + " connections already");
        }
    }

    private static void refuse(MessageChannel channel, String reason) {
        LOG.log(Level.WARNING, "refused to attach: {0}", reason);
        try {
            channel.send(Message.of("refused").withReason(reason), List.of());
        } catch (AttachLostException gone) {
            LOG.log(Level.DEBUG, "the refused peer has gone", gone);
        }
    }
}
