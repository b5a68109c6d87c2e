package io.pageferry.server.nbd;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;

/** Prepares each accepted connection: its socket options, its place under the limit, its handshake. */
@SuppressWarnings("FutureReturnValueIgnored") // a failed close or send ends the connection, which is told of that
final class ConnectionSetup extends ChannelInitializer<Channel> {
    /** A connection whose unsent replies exceed the first figure is not read from until they are below the second. */
    private static final WriteBufferWaterMark UNSENT = new WriteBufferWaterMark(128 << 10, 512 << 10);

    private static final int KEEPALIVE_IDLE_SECONDS = 60;
    private static final int KEEPALIVE_INTERVAL_SECONDS = 10;
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
        if (channel instanceof SocketChannel) {
            channel.config().setOption(ChannelOption.TCP_NODELAY, true);
            channel.config().setOption(ChannelOption.SO_KEEPALIVE, true);
        }
        if (channel instanceof EpollSocketChannel) {
            channel.config().setOption(EpollChannelOption.TCP_KEEPIDLE, KEEPALIVE_IDLE_SECONDS);
            channel.config().setOption(EpollChannelOption.TCP_KEEPINTVL, KEEPALIVE_INTERVAL_SECONDS);
            channel.config().setOption(EpollChannelOption.TCP_KEEPCNT, KEEPALIVE_PROBES);
        }
    }
}
