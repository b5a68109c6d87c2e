package io.pageferry.agent.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection, and its way to the partition. Everything here runs on the connection's event loop.
 *
 * <p>Invariant: requests are sent in the order of their arrival, and one is sent again only if nobody has carried it out.
 * What is {@code held} was carried out by nobody. What is {@code unanswered} may have been, by the program it was sent to;
 * that answers all it has carried out before it ends the stream (docs/kv.md), so what is unanswered at the clean end of
 * one that the partition has left is held again. After any other end nobody knows, and that is the answer.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails ends the channel, and that is told in the pipeline
final class ClientLink extends ByteToMessageDecoder {
    /** The most that waits to be sent or answered: what is read beyond it is one request at the most. */
    private static final int MAX_WAITING_BYTES = 4 << 20;

    private static final int RECONNECT_MS = 20;
    private static final int NEWS_MS = 2000;
    private static final String NOT_KNOWN = "; whether the command was carried out is not known";

    private final Gateway gateway;
    private final Channel client;
    private final RespScanner scanner = new RespScanner(true);
    private final Deque<ClientRequest> held = new ArrayDeque<>();
    private final Deque<ClientRequest> unanswered = new ArrayDeque<>();
    private final Agreement agreement = new Agreement();
    private @Nullable BackendLink backend;
    private @Nullable Future<?> patience;
    private @Nullable Future<?> newsAwaited;
    private long waitingBytes;
    private long replyBytes;
    private long endedEpoch;
    private boolean leaving;
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
            for (int length = nextLength(in); length > 0; length = nextLength(in)) {
                ClientRequest request = ClientRequest.of(in.readRetainedSlice(length));
                if (request.kind() == ClientRequest.Kind.SILENT) {
                    request.release();
                    continue;
                }
                held.add(request);
                waitingBytes += length;
                leaving = request.kind() == ClientRequest.Kind.QUIT;
            }
        } catch (DecoderException garbage) {
            reply("-ERR Protocol error: " + garbage.getMessage());
            client.close();
            return;
        }
        goOn();
    }

    // What follows a QUIT is thrown away, as Redis does.
    private int nextLength(ByteBuf in) {
        if (leaving) in.skipBytes(in.readableBytes());
        return in.isReadable() ? scanner.wholeLength(in) : -1;
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
        takeBack(view);
        if (view.state() == PartitionView.State.ABSENT) {
            failAll("there is no partition " + gateway.partition());
        } else if (view.state() == PartitionView.State.LOST && view.endpoint().isEmpty()) {
            failAll(lost());
        } else if (view.takesRequests()) {
            connectTo(view);
            BackendLink now = backend;
            // The source's connection may be open still, for its last answers: nothing new goes there.
            if (now != null && now.isReady() && now.isFor(view)) sendHeld(now);
        }
        pace();
        limitWaiting();
        if (leaving && held.isEmpty() && unanswered.isEmpty()) {
            client.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    /** What a program that the partition has left did not answer before it ended the stream is held again, as the first. */
    private void takeBack(PartitionView view) {
        boolean hasLeft = view.epoch() > endedEpoch || view.state() == PartitionView.State.SUSPENDED;
        if (backend != null || unanswered.isEmpty() || !hasLeft) return;
        while (!unanswered.isEmpty()) held.addFirst(unanswered.removeLast());
        stopAwaitingNews();
    }

    private void connectTo(PartitionView view) {
        BackendLink now = backend;
        if (now != null && now.isFor(view)) return;
        if (!unanswered.isEmpty()) {
            // The source may still have answers to give; where it has ended, the news of a hand-over may be on its way.
            if (now == null && newsAwaited == null) newsAwaited = after(NEWS_MS, this::endAwaitingNews);
            return;
        }
        if (now != null) now.close();
        backend = held.isEmpty()
                ? null
                : BackendLink.connect(this, client.eventLoop(), view.endpoint().orElseThrow(), view.epoch());
    }

    private void sendHeld(BackendLink to) {
        for (ClientRequest request = held.poll(); request != null; request = held.poll()) {
            unanswered.add(request);
            to.send(request.bytes().retainedDuplicate());
        }
        to.flush();
    }

    /** The backend is connected. */
    void backendReady(BackendLink link) {
        if (closed || link != backend) return;
        agreement.requests().forEach(link::sendUnanswered);
        goOn();
        link.flush();
    }

    /** The program does not agree to what the one before it did. */
    void greetingRefused() {
        client.close();
    }

    /** A whole reply has come. */
    void answered(ByteBuf reply) {
        ClientRequest request = unanswered.poll();
        if (request == null) {
            // More answers than questions: the connection cannot be trusted any more.
            reply.release();
            client.close();
            return;
        }
        waitingBytes -= request.sizeBytes();
        agreement.answered(request, reply);
        request.release();
        client.write(reply);
        if (!client.isWritable()) pace();
    }

    void answersRead() {
        client.flush();
        goOn();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        pace();
    }

    // A client that does not take its replies gets no more of them; but a source is read to its end, as far as memory
    // goes,
    // since it does not wait for long.
    private void pace() {
        boolean writable = client.isWritable();
        long waiting = writable ? 0 : client.bytesBeforeWritable();
        gateway.repliesWait(waiting - replyBytes);
        replyBytes = waiting;
        BackendLink now = backend;
        if (now != null) now.read(writable || (hasLeft(now) && gateway.takesReplies()));
    }

    private boolean hasLeft(BackendLink link) {
        PartitionView view = gateway.view();
        return !view.takesRequests() || !link.isFor(view);
    }

    /** The backend's connection has ended; {@code cleanly} if by the program, behind a whole reply. */
    void backendEnded(BackendLink link, boolean cleanly) {
        if (closed || link != backend) return;
        backend = null;
        endedEpoch = link.epoch();
        PartitionView view = gateway.view();
        if (!cleanly) failUnanswered(connectionLost());
        // An agent that is gone may have left its program running; one that takes no connection is gone, too.
        if (view.state() == PartitionView.State.LOST && !link.wasReady()) failHeld(lost());
        // The end that a hand-over brings is no failure; after any other, the next attempt waits a moment.
        if (view.takesRequests() && view.epoch() > endedEpoch) goOn();
        else after(RECONNECT_MS, this::goOn);
    }

    private void endAwaitingNews() {
        newsAwaited = null;
        if (closed) return;
        takeBack(gateway.view());
        if (backend == null && gateway.view().takesRequests()) failUnanswered(connectionLost());
        goOn();
    }

    private void stopAwaitingNews() {
        Future<?> running = newsAwaited;
        if (running != null) running.cancel(false);
        newsAwaited = null;
    }

    // A client is read no further than the limit, and while its requests wait, does so no longer than its patience.
    private void limitWaiting() {
        client.config().setAutoRead(waitingBytes < MAX_WAITING_BYTES);
        boolean waiting = !held.isEmpty() || isSourceSilent();
        Future<?> running = patience;
        if (!waiting && running != null) {
            running.cancel(false);
            patience = null;
        } else if (waiting && running == null) {
            patience = after(gateway.holdLimit().toMillis(), this::outOfPatience);
        }
    }

    /** Whether answers are due from a program that has come to rest or has ended. */
    private boolean isSourceSilent() {
        BackendLink now = backend;
        return !unanswered.isEmpty() && (now == null || hasLeft(now));
    }

    private void outOfPatience() {
        patience = null;
        if (closed) return;
        PartitionView view = gateway.view();
        boolean goesOnElsewhere = isSourceSilent() && view.takesRequests();
        if (isSourceSilent()) failUnanswered("partition " + gateway.partition() + " does not answer" + NOT_KNOWN);
        String why = view.state() == PartitionView.State.SUSPENDED ? "is suspended; resume it" : "does not answer";
        if (!goesOnElsewhere) failHeld("partition " + gateway.partition() + " " + why);
        goOn();
    }

    private String lost() {
        return "partition " + gateway.partition() + " is lost: no agent has it";
    }

    private String connectionLost() {
        return "the connection to partition " + gateway.partition() + " was lost" + NOT_KNOWN;
    }

    private void failAll(String error) {
        failUnanswered(error + NOT_KNOWN);
        failHeld(error);
    }

    private void failHeld(String error) {
        fail(held, error);
    }

    private void failUnanswered(String error) {
        BackendLink now = backend;
        if (!unanswered.isEmpty() && now != null) {
            backend = null;
            now.close();
        }
        stopAwaitingNews();
        fail(unanswered, error);
    }

    private void fail(Deque<ClientRequest> requests, String error) {
        for (ClientRequest request = requests.poll(); request != null; request = requests.poll()) {
            waitingBytes -= request.sizeBytes();
            request.release();
            reply("-ERR " + error);
        }
    }

    private void reply(String line) {
        client.writeAndFlush(ByteBufUtil.encodeString(
                client.alloc(), java.nio.CharBuffer.wrap(line + "\r\n"), StandardCharsets.UTF_8));
    }

    private Future<?> after(long ms, Runnable step) {
        return client.eventLoop().schedule(step, ms, TimeUnit.MILLISECONDS);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext context) {
        closed = true;
        gateway.left(this);
        gateway.repliesWait(-replyBytes);
        replyBytes = 0;
        BackendLink now = backend;
        if (now != null) now.close();
        backend = null;
        held.forEach(ClientRequest::release);
        held.clear();
        unanswered.forEach(ClientRequest::release);
        unanswered.clear();
        if (patience != null) patience.cancel(false);
        stopAwaitingNews();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
