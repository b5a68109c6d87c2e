package io.pageferry.stream;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Where an agent takes streams from sources. A stream names its migration and shows the token that the paging server gave to both
 * sides; whoever does not is dropped.
 */
public final class StreamListener implements AutoCloseable {
    private static final Logger LOG = System.getLogger(StreamListener.class.getName());
    private static final int RECEIVE_BUFFER_BYTES = 4 << 20;
    /** How long a stream waits for its migration to begin here, and a peer may take to greet. */
    private static final long PATIENCE_MS = 10_000;

    private static final long ACCEPT_PAUSE_NS = 200_000_000;

    private record Expected(String token, StreamPathIn path) {}

    private final ServerSocketChannel server;
    private final Map<String, Expected> expected = new ConcurrentHashMap<>();
    private final Thread acceptor;

    private StreamListener(ServerSocketChannel server) {
        this.server = server;
        this.acceptor = Thread.ofPlatform().name("stream-acceptor").daemon().unstarted(this::acceptAll);
    }

    /**
     * Listens; port 0 is any.
     *
     * @throws IllegalArgumentException for an address that sources cannot connect to: they are told of it as it is given
     */
    public static StreamListener start(InetSocketAddress address) throws IOException {
        requireReachable(address);
        ServerSocketChannel server = ServerSocketChannel.open();
        try {
            server.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER_BYTES);
            server.bind(address);
        } catch (IOException failure) {
            server.close();
            throw failure;
        }
        StreamListener listener = new StreamListener(server);
        listener.acceptor.start();
        return listener;
    }

    private static void requireReachable(InetSocketAddress address) {
        String host = address.getHostString();
        if (address.isUnresolved()) {
            throw new IllegalArgumentException(
                    "streams cannot be taken at " + host + ": there is no host of that name");
        }
        if (address.getAddress().isAnyLocalAddress()) {
            throw new IllegalArgumentException(
                    "streams cannot be taken at " + host
                            + ", since sources are told to connect to just that: give the address by which they reach this host");
        }
    }

    /** Where it listens, {@code HOST:PORT}. */
    public String address() throws IOException {
        InetSocketAddress local = (InetSocketAddress) server.getLocalAddress();
        return local.getHostString() + ":" + local.getPort();
    }

    /** From now on the streams of a migration go to a path, until that is closed. */
    public void expect(String migration, String token, StreamPathIn path) {
        path.onClose(() -> expected.remove(migration));
        expected.put(migration, new Expected(token, path));
        synchronized (this) {
            notifyAll();
        }
    }

    private void acceptAll() {
        while (server.isOpen()) {
            try {
                SocketChannel channel = server.accept();
                Thread.ofVirtual().start(() -> greet(channel));
            } catch (ClosedChannelException closing) {
                return;
            } catch (IOException notNow) {
                // What is short, such as descriptors, is so for a while: whoever connects waits meanwhile.
                LOG.log(Level.WARNING, "cannot accept a stream now: {0}", notNow.getMessage());
                LockSupport.parkNanos(ACCEPT_PAUSE_NS);
            }
        }
    }

    private void greet(SocketChannel channel) {
        try {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            awaitExpected(readHello(channel)).receiveFrom(channel);
        } catch (IOException | StreamException | InterruptedException refused) {
            LOG.log(Level.WARNING, "a stream was refused: {0}", refused.getMessage());
            drop(channel);
        }
    }

    private static StreamHello readHello(SocketChannel channel) throws IOException {
        Thread watch = Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(PATIENCE_MS);
                drop(channel);
            } catch (InterruptedException saidInTime) {
                Thread.currentThread().interrupt();
            }
        });
        try {
            return StreamHello.read(channel);
        } finally {
            watch.interrupt();
        }
    }

    private static void drop(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException failure) {
            LOG.log(Level.DEBUG, "a refused stream could not be closed", failure);
        }
    }

    private synchronized StreamPathIn awaitExpected(StreamHello hello) throws InterruptedException {
        long deadlineNs = System.nanoTime() + PATIENCE_MS * 1_000_000;
        while (!expected.containsKey(hello.migration())) {
            long leftMs = (deadlineNs - System.nanoTime()) / 1_000_000;
            if (leftMs <= 0) throw new StreamException("no migration '" + hello.migration() + "' begins here");
            wait(leftMs);
        }
        Expected one = expected.get(hello.migration());
        if (one == null || !same(one.token, hello.token())) throw new StreamException("a stream's token is wrong");
        return one.path;
    }

    private static boolean same(String a, String b) {
        return MessageDigest.isEqual(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException failure) {
            LOG.log(Level.DEBUG, "the streams' listener could not be closed", failure);
        }
    }
}
