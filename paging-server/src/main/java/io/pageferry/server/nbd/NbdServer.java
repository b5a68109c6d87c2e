package io.pageferry.server.nbd;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.pageferry.server.metrics.ServerMetrics;
import io.pageferry.server.pool.Pool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Serves the spaces of a pool over the NBD protocol (fixed newstyle; {@code docs/nbd.md} tells what of it). Start it,
 * then let it listen on any number of addresses.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed close or send ends the connection, which is told of that
public final class NbdServer implements AutoCloseable {
    private static final int BACKLOG = 4096;
    private static final long DISCONNECT_TIMEOUT_MS = 10_000;

    private final ServerContext context;
    private final Transport transport;
    private final ConnectionSetup setup;
    private final ChannelGroup listeners = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

    private NbdServer(ServerContext context) {
        this.context = context;
        transport = new Transport(context.options());
        setup = new ConnectionSetup(context);
    }

    /**
     * Starts the event loops; nothing listens yet.
     *
     * @param identity which server this is: whoever asks for another one's export is refused
     */
    public static NbdServer start(
            Pool pool, UUID identity, WriteRights rights, NbdServerOptions options, ServerMetrics metrics) {
        return new NbdServer(new ServerContext(
                options,
                new Exports(pool, identity, rights),
                new SpaceConnections(),
                new Workers(),
                new ByteBudget(options.bufferedWriteBytes()),
                metrics));
    }

    /** Listens on TCP; returns the address with the port that was chosen where it was 0. */
    public InetSocketAddress listen(InetSocketAddress address) throws IOException {
        return (InetSocketAddress) bind(transport.tcpChannel(), address).localAddress();
    }

    /** Listens on a Unix socket; one that a dead server left behind is replaced. */
    public void listen(Path unixSocket) throws IOException {
        UnixSocketPath.prepare(unixSocket);
        Channel channel = bind(transport.unixChannel(), transport.unixAddress(unixSocket));
        channel.closeFuture().addListener(closed -> UnixSocketPath.remove(unixSocket));
    }

    /** Whether the event loops use epoll. */
    public boolean usesEpoll() {
        return transport.isEpoll();
    }

    /** How many connections use a space. */
    public int connectionCount(String space) {
        return context.connections().count(space);
    }

    /**
     * Fences the writers of a space but the holder of {@code keepToken}: when this returns, no write of an older connection
     * lands any more, not even one half received; its later writes fail with EPERM.
     */
    public void fence(String space, @Nullable String keepToken) {
        fenced(space, keepToken, () -> true);
    }

    /** Fences as {@link #fence}, then runs a change of the right to write; nobody can open an export in between. */
    public <T> T fenced(String space, @Nullable String keepToken, Supplier<T> change) {
        return context.connections().fenced(space, keepToken, change);
    }

    /** Disconnects everybody from a space; when this returns, nothing of them touches it any more. */
    public void disconnect(String space) {
        try {
            context.connections().disconnect(space).get(DISCONNECT_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("connections to " + space + " still wait for its device", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException("a connection failed to close", e);
        }
    }

    private Channel bind(Class<? extends ServerChannel> type, SocketAddress address) throws IOException {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(transport.loops())
                .channel(type)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childHandler(setup);
        if (address instanceof InetSocketAddress) {
            bootstrap.option(ChannelOption.SO_REUSEADDR, true);
        }
        try {
            Channel channel = bootstrap.bind(address).syncUninterruptibly().channel();
            listeners.add(channel);
            return channel;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** Stops listening, disconnects everybody, lets what has begun finish. */
    @Override
    public void close() {
        listeners.close().awaitUninterruptibly();
        setup.closeAll();
        context.workers().close();
        transport.loops().shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
