package io.pageferry.agent.gateway;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection to the partition's program; on the client's event loop.
 *
 * <p>Its end is <i>clean</i> if the program has ended the stream behind a whole reply. After any other, replies may be
 * missing of what the program has carried out.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends the channel, and that is told in the pipeline
final class BackendLink extends ByteToMessageDecoder {
    private static final int CONNECT_TIMEOUT_MS = 2000;

    private final ClientLink owner;
    private final InetSocketAddress endpoint;
    private final long epoch;
    private final RespScanner scanner = new RespScanner(false);
    private @Nullable Channel channel;
    private int toSwallow;
    private boolean ready;
    private boolean failed;
    private boolean closed;

    private BackendLink(ClientLink owner, InetSocketAddress endpoint, long epoch) {
        this.owner = owner;
        this.endpoint = endpoint;
        this.epoch = epoch;
    }

    /** Begins to connect to the holder of this epoch; the owner is told when that is done, or has failed. */
    static BackendLink connect(ClientLink owner, EventLoop loop, InetSocketAddress endpoint, long epoch) {
        BackendLink link = new BackendLink(owner, endpoint, epoch);
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channel(Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                // Without it a write that fails and an end of the stream would look alike.
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
                .handler(link);
        bootstrap.connect(endpoint).addListener(connected -> {
            if (!connected.isSuccess()) link.ended(false);
        });
        return link;
    }

    /** Whether it leads to who has the partition now: the same place may be another holder's by then. */
    boolean isFor(PartitionView view) {
        return !closed
                && view.epoch() == epoch
                && view.endpoint().filter(endpoint::equals).isPresent();
    }

    /** The partition's epoch when connecting began. */
    long epoch() {
        return epoch;
    }

    boolean isReady() {
        return ready && !closed;
    }

    /** Whether it has ever been connected. */
    boolean wasReady() {
        return ready;
    }

    /** Whether replies are read; where not, they wait with the program. */
    void read(boolean on) {
        Channel from = channel;
        if (from != null) from.config().setAutoRead(on);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        channel = context.channel();
        if (closed) {
            context.close();
            return;
        }
        ready = true;
        owner.backendReady(this);
    }

    void send(ByteBuf request) {
        Channel to = channel;
        if (to == null) request.release();
        else to.write(request);
    }

    /** Sends a request of the gateway's own, whose reply is nobody's. */
    void sendUnanswered(ByteBuf request) {
        toSwallow++;
        send(request);
    }

    void flush() {
        Channel to = channel;
        if (to != null) to.flush();
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        for (int length = scanner.wholeLength(in);
                length > 0;
                length = in.isReadable() ? scanner.wholeLength(in) : -1) {
            ByteBuf reply = in.readRetainedSlice(length);
            if (toSwallow > 0) {
                toSwallow--;
                if (Agreement.isError(reply)) owner.greetingRefused();
                reply.release();
            } else {
                owner.answered(reply);
            }
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        // Not the decoder's own: it would ask for more where nothing was handed on, whether or not reading is off.
        discardSomeReadBytes();
        owner.answersRead();
        context.fireChannelReadComplete();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        boolean cutOff = actualReadableBytes() > 0;
        super.userEventTriggered(context, event);
        if (event instanceof ChannelInputShutdownEvent) ended(!failed && !cutOff);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext context) {
        ended(false);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        failed = true;
        context.close();
    }

    void close() {
        closed = true;
        Channel to = channel;
        if (to != null) to.close();
    }

    private void ended(boolean cleanly) {
        if (closed) return;
        close();
        owner.backendEnded(this, cleanly);
    }
}
