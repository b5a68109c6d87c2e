package io.pageferry.nbd.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** The event loops that connections live on, over epoll, or over NIO where epoll is missing. Clients may share one. */
public final class NbdTransport implements AutoCloseable {
    private static final long SHUTDOWN_LIMIT_MS = 2000;

    private final EventLoopGroup group;
    private final boolean epoll;

    private NbdTransport(EventLoopGroup group, boolean epoll) {
        this.group = group;
        this.epoll = epoll;
    }

    /** Event loops over epoll where the platform has it. */
    public static NbdTransport open(int threads) {
        return Epoll.isAvailable()
                ? new NbdTransport(
                        new MultiThreadIoEventLoopGroup(threads, threadFactory(), EpollIoHandler.newFactory()), true)
                : openNio(threads);
    }

    /** Event loops over NIO, everywhere. */
    public static NbdTransport openNio(int threads) {
        return new NbdTransport(
                new MultiThreadIoEventLoopGroup(threads, threadFactory(), NioIoHandler.newFactory()), false);
    }

    private static DefaultThreadFactory threadFactory() {
        return new DefaultThreadFactory("nbd-client", true);
    }

    EventLoop nextLoop() {
        return group.next();
    }

    /** Whether the calling thread is one of the loops, and so must not wait. */
    boolean onEventLoop() {
        for (EventExecutor loop : group) {
            if (loop.inEventLoop()) {
                return true;
            }
        }
        return false;
    }

    /** Begins to connect, on a loop of this transport. */
    ChannelFuture connect(EventLoop loop, NbdUri uri, Duration limit, ChannelHandler handler) {
        Bootstrap bootstrap = new Bootstrap().group(loop).handler(handler).channel(channelClass(uri));
        if (uri.socket() == null) {
            bootstrap.option(ChannelOption.TCP_NODELAY, true).option(ChannelOption.SO_KEEPALIVE, true);
        }
        bootstrap.option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) limit.toMillis());
        return bootstrap.connect(address(uri));
    }

    private Class<? extends Channel> channelClass(NbdUri uri) {
        if (uri.socket() == null) {
            return epoll ? EpollSocketChannel.class : NioSocketChannel.class;
        }
        return epoll ? EpollDomainSocketChannel.class : NioDomainSocketChannel.class;
    }

    private SocketAddress address(NbdUri uri) {
        Path socket = uri.socket();
        if (socket != null) {
            return epoll ? new DomainSocketAddress(socket.toString()) : UnixDomainSocketAddress.of(socket);
        }
        return InetSocketAddress.createUnresolved(Objects.requireNonNull(uri.host()), uri.port());
    }

    /** Ends the loops; connections still open are closed. */
    @Override
    public void close() {
        group.shutdownGracefully(0, SHUTDOWN_LIMIT_MS, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(SHUTDOWN_LIMIT_MS, TimeUnit.MILLISECONDS);
    }
}
