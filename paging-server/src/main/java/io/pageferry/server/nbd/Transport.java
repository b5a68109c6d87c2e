package io.pageferry.server.nbd;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/** The event loops and channels of one kind: epoll, or NIO where it is missing. */
final class Transport {
    private final boolean epoll;
    private final EventLoopGroup loops;

    Transport(NbdServerOptions options) {
        epoll = options.preferEpoll() && Epoll.isAvailable();
        DefaultThreadFactory threads = new DefaultThreadFactory("nbd");
        loops = new MultiThreadIoEventLoopGroup(
                options.eventLoops(), threads, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    }

    boolean isEpoll() {
        return epoll;
    }

    EventLoopGroup loops() {
        return loops;
    }

    Class<? extends ServerChannel> tcpChannel() {
        return epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    Class<? extends ServerChannel> unixChannel() {
        return epoll ? EpollServerDomainSocketChannel.class : NioServerDomainSocketChannel.class;
    }

    SocketAddress unixAddress(Path path) {
        return epoll ? new DomainSocketAddress(path.toFile()) : UnixDomainSocketAddress.of(path);
    }
}
