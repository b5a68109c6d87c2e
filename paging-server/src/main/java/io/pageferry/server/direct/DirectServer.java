package io.pageferry.server.direct;

import io.pageferry.direct.FrameChannel;
import io.pageferry.linux.LinuxException;
import io.pageferry.linux.PeerCredentials;
import io.pageferry.linux.UnixListener;
import io.pageferry.linux.UnixSocket;
import io.pageferry.server.nbd.WriteRights;
import io.pageferry.server.pool.Pool;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;

/**
 * Where agents of this host open spaces by descriptor: a Unix socket of mode 0600 ({@code docs/direct-path.md}). Peers of another
 * user (root excepted) are refused, and so is everything that does not keep to the protocol; the server goes on.
 */
public final class DirectServer implements AutoCloseable {
    /** The most connections at once; each has a thread. */
    static final int MAX_CONNECTIONS = 256;

    /** How long a peer may take to say which space it wants. */
    private static final Duration OPEN_LIMIT = Duration.ofSeconds(10);

    private static final Duration ACCEPT_PAUSE = Duration.ofMillis(200);
    private static final Logger LOG = System.getLogger(DirectServer.class.getName());

    private final UnixListener listener;
    private final DirectSpaces spaces;
    private final UUID identity;
    private final Duration openLimit;
    private final int ownUserId = PeerCredentials.ownUserId();
    private final Thread acceptor;

    private DirectServer(Path socket, UUID identity, DirectSpaces spaces, Duration openLimit) {
        this.identity = identity;
        this.listener = UnixListener.bind(socket);
        this.spaces = spaces;
        this.openLimit = openLimit;
        this.acceptor = Thread.ofPlatform().name("direct-acceptor").daemon().unstarted(this::acceptAll);
    }

    /**
     * Listens at a path, and serves.
     *
     * @param identity which server this is: agents are told with each space
     * @throws LinuxException if it cannot
     */
    public static DirectServer start(Path socket, UUID identity, Pool pool, WriteRights rights) {
        return start(socket, identity, pool, rights, OPEN_LIMIT);
    }

    static DirectServer start(Path socket, UUID identity, Pool pool, WriteRights rights, Duration openLimit) {
        DirectServer server = new DirectServer(socket, identity, new DirectSpaces(pool, rights), openLimit);
        server.acceptor.start();
        return server;
    }

    /**
     * Takes the right to write from everybody who has a space open: what they announce from now on is refused. What they store
     * cannot be stopped, and is caught by the manifest's checksums.
     */
    public void fence(String space) {
        spaces.fence(space);
    }

    /** How many connections use a space. */
    public int connectionCount(String space) {
        return spaces.count(space);
    }

    /** Disconnects everybody from a space; they keep their descriptors, of a file that is nobody's any more. */
    public void disconnect(String space) {
        spaces.disconnect(space);
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
        spaces.close();
    }

    private void acceptAll() {
        for (Optional<UnixSocket> accepted = accept(); accepted.isPresent(); accepted = accept()) {
            FrameChannel channel = new FrameChannel(accepted.get());
            DirectConnection connection = new DirectConnection(channel, identity, spaces, ownUserId, openLimit);
            Thread.ofPlatform().name("direct-connection").daemon().start(connection::serve);
        }
    }

    // Whoever asks while descriptors are short waits; those who are connected go on.
    private Optional<UnixSocket> accept() {
        while (true) {
            try {
                return listener.accept();
            } catch (LinuxException shortage) {
                LOG.log(Level.WARNING, "cannot accept an agent now: {0}", shortage.getMessage());
                LockSupport.parkNanos(ACCEPT_PAUSE.toNanos());
            }
        }
    }
}
