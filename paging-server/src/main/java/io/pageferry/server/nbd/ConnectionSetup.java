package io.pageferry.server.nbd;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.unix.DomainSocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import jdk.net.ExtendedSocketOptions;

/** Prepares each accepted connection: its socket options, its place under the limit, its handshake. */
@SuppressWarnings("FutureReturnValueIgnored") // a failed close or send ends the connection, which is told of that
final class ConnectionSetup extends ChannelInitializer<Channel> {
    /** A connection whose unsent replies exceed the first figure is not read from until they are below the second. */
    private static final WriteBufferWaterMark UNSENT = new WriteBufferWaterMark(128 << 10, 512 << 10);

    /** The kernel grants what net.core.wmem_max allows; the default takes two writes for a reply of 256 KiB. */
    private static final int UNIX_SEND_BUFFER_BYTES = 1 << 20;

    private static final int KEEPALIVE_PROBES = 6;
    private static final int REFUSALS_AT_ONCE = 64;

    private final ServerContext context;
    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

    ConnectionSetup(ServerContext context) {
        this.context = context;
    }

    @Override
    public boolean isSharable() {
        return true;
    }

    @Override
    protected void initChannel(Channel channel) {
        int excess = channels.size() - context.options().maxConnections();
        if (excess >= 0) {
            context.metrics().connectionRefused();
        }
        if (excess >= REFUSALS_AT_ONCE) {
            channel.close();
            return;
        }
        channels.add(channel);
        context.metrics().connectionOpened();
        channel.closeFuture().addListener(closed -> context.metrics().connectionClosed());
        setOptions(channel);
        ConnectionReceive receive = new ConnectionReceive();
        channel.config().setRecvByteBufAllocator(receive);
        channel.pipeline().addLast(new HandshakeHandler(context, receive, excess >= 0));
    }

    void closeAll() {
        channels.close().awaitUninterruptibly();
    }

    private void setOptions(Channel channel) {
        channel.config().setWriteBufferWaterMark(UNSENT);
        channel.config().setMessageSizeEstimator(UnsentEstimate.INSTANCE);
        if (channel instanceof DomainSocketChannel) {
            channel.config().setOption(ChannelOption.SO_SNDBUF, UNIX_SEND_BUFFER_BYTES);
        }
        if (channel instanceof SocketChannel) {
            channel.config().setOption(ChannelOption.TCP_NODELAY, true);
            channel.config().setOption(ChannelOption.SO_KEEPALIVE, true);
            setKeepalive(channel, context.options().keepaliveSeconds());
        }
    }

    /** A client that vanished without a word is found by probes; where a reply is under way to it, by its silence. */
    private static void setKeepalive(Channel channel, int idleSeconds) {
        int intervalSeconds = Math.max(1, idleSeconds / KEEPALIVE_PROBES);
        ChannelConfig config = channel.config();
        if (channel instanceof EpollSocketChannel) {
            config.setOption(EpollChannelOption.TCP_KEEPIDLE, idleSeconds);
            config.setOption(EpollChannelOption.TCP_KEEPINTVL, intervalSeconds);
            config.setOption(EpollChannelOption.TCP_KEEPCNT, KEEPALIVE_PROBES);
            config.setOption(EpollChannelOption.TCP_USER_TIMEOUT, 2000 * idleSeconds);
        } else {
            config.setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), idleSeconds);
            config.setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL), intervalSeconds);
            config.setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), KEEPALIVE_PROBES);
        }
    }
}
