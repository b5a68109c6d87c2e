package io.pageferry.nbd.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.EventLoop;
import io.netty.util.collection.LongObjectHashMap;
import io.pageferry.nbd.CommandType;
import io.pageferry.nbd.NbdError;
import io.pageferry.nbd.RequestHeader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One of a client's connections, which outlives the sockets it uses: requests go in from any thread, are sent in order in
 * batches, and are sent again, in order and before newer ones, when {@link LaneLink} has replaced a lost socket. All but
 * {@link #submit} runs on the lane's event loop.
 *
 * <p>Invariant: a request is completed only when no socket can touch its memory any more: its reply is complete and its
 * payload sent, or the socket is closed.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what goes wrong with a socket ends in channelInactive
final class Lane implements ReplyDecoder.Sink {
    /** What a request costs beside its payload, when lanes are compared. */
    private static final int REQUEST_LOAD_BYTES = 4096;

    private static final int HEADERS_BYTES = 32 * RequestHeader.SIZE;

    private final ClientCore core;
    private final EventLoop loop;
    private final LaneLink link;
    private final Queue<Request> submitted = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean drainScheduled = new AtomicBoolean();
    private final AtomicLong loadBytes = new AtomicLong();

    private final Deque<Request> unsent = new ArrayDeque<>();
    private final LongObjectHashMap<Request> inFlight = new LongObjectHashMap<>();
    private long nextCookie = 1;
    private @Nullable Channel channel;
    private @Nullable NbdFailure ended;

    Lane(ClientCore core, EventLoop loop) {
        this.core = core;
        this.loop = loop;
        this.link = new LaneLink(core, this, loop);
    }

    LaneLink link() {
        return link;
    }

    /** What is on its way over this lane: payload bytes, and a fixed sum a request. */
    long loadBytes() {
        return loadBytes.get();
    }

    /** Takes a request, from any thread. */
    void submit(Request request) {
        loadBytes.addAndGet(REQUEST_LOAD_BYTES + request.payloadBytes());
        submitted.add(request);
        if (drainScheduled.compareAndSet(false, true)) {
            loop.execute(this::drain);
        }
    }

    private void drain() {
        drainScheduled.set(false);
        for (Request request = submitted.poll(); request != null; request = submitted.poll()) {
            unsent.add(request);
        }
        sendUnsent();
    }

    private void sendUnsent() {
        if (ended != null) {
            failUnsent(ended);
            return;
        }
        Channel open = channel;
        if (open == null || unsent.isEmpty()) {
            return;
        }
        if (inFlight.isEmpty()) {
            link.progressed();
        }
        ByteBuf headers = null;
        for (Request request = unsent.poll(); request != null; request = unsent.poll()) {
            request.restart(nextCookie++, core.epoch());
            inFlight.put(request.cookie, request);
            headers = headers == null ? open.alloc().directBuffer(HEADERS_BYTES) : headers;
            RequestHeader.write(
                    headers, request.flags, request.type, request.cookie, request.offset, request.lengthBytes);
            if (request.type == CommandType.WRITE) {
                open.write(headers);
                headers = null;
                sendPayload(open, request);
            }
        }
        if (headers != null) {
            open.write(headers);
        }
        open.flush();
    }

    /** The caller's memory itself is what the socket is given. */
    private void sendPayload(Channel open, Request request) {
        long cookie = request.cookie;
        open.write(Unpooled.wrappedBuffer(request.bytes.duplicate())).addListener(written -> {
            if (written.isSuccess() && request.cookie == cookie) {
                request.sent = true;
                link.progressed();
                if (request.replied) {
                    finish(request);
                }
            }
        });
    }

    /** A socket is ready for requests. */
    void up(Channel open) {
        channel = open;
        sendUnsent();
    }

    boolean hasRequests() {
        return !inFlight.isEmpty() || !unsent.isEmpty();
    }

    boolean hasInFlight() {
        return !inFlight.isEmpty();
    }

    boolean hasModifyingInFlight() {
        return inFlight.values().stream().anyMatch(Request::modifies);
    }

    @Override
    public @Nullable Request inFlight(long cookie) {
        return inFlight.get(cookie);
    }

    @Override
    public void progressed() {
        link.progressed();
    }

    @Override
    public void replied(Request request) {
        if (request.sent) {
            finish(request);
        }
    }

    private void finish(Request request) {
        NbdException error = request.error;
        if (error != null && error.error() == NbdError.ESHUTDOWN) {
            disconnect(); // it stays in flight, and is sent again when the server is back
            return;
        }
        inFlight.remove(request.cookie);
        link.answered();
        over(request, error);
    }

    private void over(Request request, @Nullable NbdFailure failure) {
        loadBytes.addAndGet(-REQUEST_LOAD_BYTES - request.payloadBytes());
        core.finished(request, failure);
    }

    @Override
    public void violated(NbdProtocolException violation) {
        core.fail(violation);
        end(violation);
    }

    @Override
    public void disconnected(@Nullable Throwable cause) {
        channel = null;
        if (ended != null) {
            return;
        }
        List<Request> interrupted = new ArrayList<>(inFlight.values());
        inFlight.clear();
        interrupted.sort(Comparator.comparingLong((Request each) -> each.cookie).reversed());
        interrupted.forEach(unsent::addFirst);
        link.lost(cause);
    }

    /** Leaves politely (proto.md, {@code NBD_CMD_DISC}). */
    void disconnect() {
        Channel open = channel;
        if (open != null && open.isActive()) {
            ByteBuf request = open.alloc().directBuffer(RequestHeader.SIZE);
            RequestHeader.write(request, 0, CommandType.DISC, 0, 0, 0);
            open.writeAndFlush(request).addListener(ChannelFutureListener.CLOSE);
        }
    }

    /** Drops the socket; what is in flight will be sent again. */
    void drop() {
        if (channel != null) {
            channel.close();
        }
    }

    /** As {@link #end}, from any thread. */
    void endLater(NbdFailure failure) {
        loop.execute(() -> end(failure));
    }

    /** Ends the lane for good: all its requests, and all later ones, fail. */
    void end(NbdFailure failure) {
        if (ended != null) {
            return;
        }
        ended = failure;
        link.end();
        Channel open = channel;
        if (open == null) {
            failAll(failure);
        } else {
            if (inFlight.isEmpty()) {
                disconnect();
            }
            open.close().addListener(closed -> failAll(failure));
        }
    }

    private void failAll(NbdFailure failure) {
        List<Request> failing = new ArrayList<>(inFlight.values());
        inFlight.clear();
        failing.forEach(request -> over(request, failure));
        failUnsent(failure);
    }

    private void failUnsent(NbdFailure failure) {
        for (Request request = unsent.poll(); request != null; request = unsent.poll()) {
            over(request, failure);
        }
    }
}
