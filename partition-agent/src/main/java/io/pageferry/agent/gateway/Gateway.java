package io.pageferry.agent.gateway;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.pageferry.agent.control.ControlClient;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Holds the connections of a partition's Redis clients, and takes their requests to wherever the partition runs. At a
 * hand-over new requests are held, those under way end on the source, and all go on with the target: no connection is
 * dropped, no request lost, repeated or reordered. Where a program ends so that nobody can know what it has carried out, the
 * clients are told that.
 */
public final class Gateway implements AutoCloseable {
    /** The most client connections at once. */
    static final int MAX_CLIENTS = 4096;

    private static final int SHARE_OF_HEAP = 4;
    private static final int FLUSHES_JOINED = 64;
    private static final long QUIET_MS = 0;
    private static final long CLOSE_MS = 2000;

    private final ControlClient control;
    private final PartitionFollower follower;
    private final Duration holdLimit;
    private final EventLoopGroup loops;
    private final Set<ClientLink> clients = ConcurrentHashMap.newKeySet();
    private final String partition;
    private final long maxReplyBytes = Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP;
    private volatile PartitionView view = PartitionView.UNKNOWN;
    /** What waits for clients that do not take it; all clients are on one event loop, which alone uses this. */
    private long replyBytes;

    /** @param holdLimit how long a request may be held before it gets an error */
    public Gateway(ControlClient control, String partition, Duration holdLimit) {
        this.control = control;
        this.partition = partition;
        this.holdLimit = holdLimit;
        this.follower = new PartitionFollower(control, partition, this::changed);
        this.loops = new MultiThreadIoEventLoopGroup(
                1, Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    }

    /**
     * Listens, and begins to follow the partition; returns the address, with the port that the system chose.
     *
     * @throws IOException if the address cannot be had
     */
    public InetSocketAddress start(InetSocketAddress listen) throws IOException {
        ChannelFuture bound = new ServerBootstrap()
                .group(loops)
                .channel(Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline()
                                .addLast(new FlushConsolidationHandler(FLUSHES_JOINED, true))
                                .addLast(new ClientLink(Gateway.this, channel));
                    }
                })
                .bind(listen)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            Throwable why = bound.cause();
            throw new IOException("cannot listen on " + place(listen) + ": " + why.getMessage(), why);
        }
        follower.start();
        return (InetSocketAddress) bound.channel().localAddress();
    }

    private static String place(InetSocketAddress address) {
        return address.getHostString() + ":" + address.getPort();
    }

    String partition() {
        return partition;
    }

    PartitionView view() {
        return view;
    }

    Duration holdLimit() {
        return holdLimit;
    }

    /** Notes a client; false if there are too many. */
    boolean admit(ClientLink client) {
        if (clients.size() >= MAX_CLIENTS) return false;
        return clients.add(client);
    }

    void left(ClientLink client) {
        clients.remove(client);
    }

    /** So many bytes more wait for clients that do not take them; negative if fewer. */
    void repliesWait(long more) {
        replyBytes += more;
    }

    /** Whether there is memory for the last replies of a source, though their client does not take them. */
    boolean takesReplies() {
        return replyBytes < maxReplyBytes;
    }

    private void changed(PartitionView now) {
        view = now;
        clients.forEach(ClientLink::viewChanged);
    }

    @Override
    public void close() {
        follower.close();
        loops.shutdownGracefully(QUIET_MS, CLOSE_MS, TimeUnit.MILLISECONDS).awaitUninterruptibly();
        control.close();
    }
}
