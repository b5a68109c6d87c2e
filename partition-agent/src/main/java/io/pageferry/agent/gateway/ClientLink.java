package io.pageferry.agent.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection, and its way to the partition. Everything here runs on the connection's event loop.
 *
 * <p>Invariant: a request leaves {@code unanswered} only with its whole reply on the way to the client, and requests are
 * sent in the order of their arrival. A program answers all that it has carried out before it departs; so a request that is
 * unanswered when the source has closed the connection after a hand-over was not carried out there, and goes to the target.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends the channel, and that is told in the pipeline
final class ClientLink extends ByteToMessageDecoder {
    /** The most that waits to be sent or answered: what is read beyond it is one request at the most. */
    private static final int MAX_WAITING_BYTES = 4 << 20;

    private static final int RECONNECT_MS = 20;

    private final Gateway gateway;
    private final Channel client;
    private final RespScanner scanner = new RespScanner(true);
    private final Deque<ByteBuf> held = new ArrayDeque<>();
    private final Deque<ByteBuf> unanswered = new ArrayDeque<>();
    private @Nullable BackendLink backend;
    private @Nullable ByteBuf hello;
    private @Nullable Future<?> patience;
    private long waitingBytes;
    private long sentEpoch;
    private boolean closed;

    ClientLink(Gateway gateway, Channel client) {
        this.gateway = gateway;
        this.client = client;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (!gateway.admit(this)) {
            reply("-ERR max number of clients reached");
            client.close();
        }
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        try {
            for (int length = scanner.wholeLength(in);
                    length > 0;
                    length = in.isReadable() ? scanner.wholeLength(in) : -1) {
                ByteBuf request = in.readRetainedSlice(length);
                if (Requests.isSilent(request)) {
                    request.release();
                    continue;
                }
                held.add(request);
                waitingBytes += length;
            }
        } catch (DecoderException garbage) {
            reply("-ERR Protocol error: " + garbage.getMessage());
            client.close();
            return;
        }
        goOn();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        // Not the decoder's own: it would ask for more where nothing was handed on, whether or not reading is off.
        discardSomeReadBytes();
        context.fireChannelReadComplete();
    }

    /** The partition has moved, or is about to; may be called on any thread. */
    void viewChanged() {
        client.eventLoop().execute(this::goOn);
    }

    /** Does whatever can be done now. */
    private void goOn() {
        if (closed) return;
        PartitionView view = gateway.view();
        if (view.state() == PartitionView.State.LOST && view.endpoint().isEmpty()) {
            failAll("-ERR partition " + gateway.partition() + " is lost: no agent has it");
        } else if (view.takesRequests()) {
            connectTo(view);
            BackendLink now = backend;
            // The source's connection may be open still, for its last answers: nothing new goes there.
            if (now != null && now.isReady() && now.isFor(view.endpoint().orElseThrow())) sendHeld(now, view.epoch());
        }
        limitHeld();
    }

    private void connectTo(PartitionView view) {
        InetSocketAddress endpoint = view.endpoint().orElseThrow();
        BackendLink now = backend;
        if (now != null && now.isFor(endpoint)) return;
        // The source may still have answers to give: it closes its side when it has departed.
        if (now != null && !unanswered.isEmpty() && now.isOpen()) {
            now.closeIfSilent();
            return;
        }
        if (now != null) now.close();
        if (held.isEmpty() && unanswered.isEmpty()) {
            backend = null;
            return;
        }
        boolean handedOver = view.epoch() > sentEpoch;
        if (!unanswered.isEmpty() && !handedOver) return;
        backend = BackendLink.connect(this, client.eventLoop(), endpoint, view.epoch());
    }

    private void sendHeld(BackendLink to, long epoch) {
        for (ByteBuf request = held.poll(); request != null; request = held.poll()) {
            rememberHello(request);
            unanswered.add(request);
            to.send(request.retainedDuplicate());
        }
        sentEpoch = epoch;
        to.flush();
    }

    /** The backend is connected: what the source left unanswered goes first. */
    void backendReady(BackendLink link) {
        if (closed || link != backend) return;
        ByteBuf greeting = hello;
        if (greeting != null) link.sendUnanswered(greeting.retainedDuplicate());
        unanswered.forEach(request -> link.send(request.retainedDuplicate()));
        // Not that of the newest view: what is sent here counts for the holder that was meant when connecting began.
        sentEpoch = link.epoch();
        goOn();
        link.flush();
    }

    /** A whole reply has come. */
    void answered(ByteBuf reply) {
        ByteBuf request = unanswered.poll();
        if (request == null) {
            // More answers than questions: the connection cannot be trusted any more.
            reply.release();
            client.close();
            return;
        }
        waitingBytes -= request.readableBytes();
        request.release();
        client.write(reply);
        BackendLink now = backend;
        if (now != null && !client.isWritable()) now.read(false);
    }

    void answersRead() {
        client.flush();
        goOn();
    }

    /** A client that does not take its replies gets no more of them, and is read no further. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        BackendLink now = backend;
        if (now != null) now.read(client.isWritable());
    }

    /** The backend's connection has ended. */
    void backendClosed(BackendLink link) {
        if (closed || link != backend) return;
        backend = null;
        PartitionView view = gateway.view();
        // An agent that is gone may have left its program running; one that takes no connection is gone, too.
        if (view.state() == PartitionView.State.LOST && !link.wasReady()) {
            failAll("-ERR partition " + gateway.partition() + " is lost: no agent has it");
            return;
        }
        boolean sameHolder = view.takesRequests() && view.epoch() == sentEpoch;
        // News of a hand-over may be on its way still; without any, nobody knows what was carried out.
        if (!unanswered.isEmpty() && sameHolder) {
            client.eventLoop().schedule(this::giveUpUnanswered, 2, TimeUnit.SECONDS);
            return;
        }
        // The end that a hand-over brings is no failure; after any other, the next attempt waits a moment.
        if (view.takesRequests() && view.epoch() > sentEpoch) goOn();
        else client.eventLoop().schedule(this::goOn, RECONNECT_MS, TimeUnit.MILLISECONDS);
    }

    private void giveUpUnanswered() {
        PartitionView view = gateway.view();
        boolean sameHolder = view.takesRequests() && view.epoch() == sentEpoch;
        if (!closed && backend == null && sameHolder && !unanswered.isEmpty()) {
            failUnanswered("-ERR the connection to partition " + gateway.partition()
                    + " was lost; whether the command was carried out is not known");
        }
        goOn();
    }

    // A client is read no further than the limit, and while its requests are held waits no longer than its patience.
    private void limitHeld() {
        client.config().setAutoRead(waitingBytes < MAX_WAITING_BYTES);
        boolean waiting = !held.isEmpty() || (backend == null && !unanswered.isEmpty());
        Future<?> running = patience;
        if (!waiting && running != null) {
            running.cancel(false);
            patience = null;
        } else if (waiting && running == null) {
            patience = client.eventLoop()
                    .schedule(this::outOfPatience, gateway.holdLimit().toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void outOfPatience() {
        patience = null;
        String why =
                gateway.view().state() == PartitionView.State.SUSPENDED ? "is suspended; resume it" : "does not answer";
        failAll("-ERR partition " + gateway.partition() + " " + why);
        limitHeld();
    }

    private void failAll(String error) {
        failUnanswered(error);
        for (ByteBuf request = held.poll(); request != null; request = held.poll()) {
            waitingBytes -= request.readableBytes();
            request.release();
            reply(error);
        }
    }

    private void failUnanswered(String error) {
        BackendLink now = backend;
        if (!unanswered.isEmpty() && now != null) {
            backend = null;
            now.close();
        }
        for (ByteBuf request = unanswered.poll(); request != null; request = unanswered.poll()) {
            waitingBytes -= request.readableBytes();
            request.release();
            reply(error);
        }
    }

    private void reply(String line) {
        client.writeAndFlush(ByteBufUtil.encodeString(
                client.alloc(), java.nio.CharBuffer.wrap(line + "\r\n"), StandardCharsets.UTF_8));
    }

    // What a HELLO agreed on belongs to the connection: a new one has to be greeted alike.
    private void rememberHello(ByteBuf request) {
        if (!Requests.isHello(request)) return;
        if (hello != null) hello.release();
        hello = request.retainedDuplicate();
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext context) {
        closed = true;
        gateway.left(this);
        BackendLink now = backend;
        if (now != null) now.close();
        backend = null;
        held.forEach(ByteBuf::release);
        held.clear();
        unanswered.forEach(ByteBuf::release);
        unanswered.clear();
        if (hello != null) hello.release();
        hello = null;
        if (patience != null) patience.cancel(false);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
