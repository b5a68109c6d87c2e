package io.pageferry.nbd.client;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.pageferry.nbd.OptionReply;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a lane connected: makes its first connection, replaces lost ones, and watches the time. An outage begins when a
 * connection is lost and ends with the first answer after it, so that a server that takes connections and drops them again
 * counts as away. All but {@link #open} runs on the lane's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what goes wrong with a socket ends in channelInactive
final class LaneLink {
    private static final Logger LOG = System.getLogger(LaneLink.class.getName());
    private static final long FIRST_BACKOFF_MS = 10;
    private static final long LONGEST_BACKOFF_MS = 500;
    private static final int STALL_CHECKS_PER_LIMIT = 4;

    private final ClientCore core;
    private final Lane lane;
    private final EventLoop loop;
    private long progressNs;
    private boolean outage;
    private long outageSinceNs;
    private long backoffMs = FIRST_BACKOFF_MS;
    private boolean over;

    LaneLink(ClientCore core, Lane lane, EventLoop loop) {
        this.core = core;
        this.lane = lane;
        this.loop = loop;
    }

    /** Makes the first connection, once: a server that is not there now is an error. */
    CompletableFuture<ExportInfo> open() {
        CompletableFuture<ExportInfo> opened = new CompletableFuture<>();
        loop.execute(() -> attempt(core.options().handshakeLimit()).whenComplete((result, failure) -> {
            if (failure != null) {
                opened.completeExceptionally(unwrap(failure));
            } else {
                watchForStalls();
                take(result.channel());
                opened.complete(result.value());
            }
        }));
        return opened;
    }

    private CompletableFuture<Handshake.Result<ExportInfo>> attempt(Duration limit) {
        ReplyDecoder decoder = new ReplyDecoder(lane);
        EnterPlan plan = new EnterPlan(core.uri().export(), core.options().contexts());
        var attempt = Connector.connect(
                core.transport(),
                loop,
                core.uri(),
                limit,
                plan,
                decoder,
                channel -> channel.config().setRecvByteBufAllocator(new DirectReceive(decoder)));
        return attempt.thenApply(result -> {
            decoder.agreed(result.value());
            return result;
        });
    }

    private void take(Channel channel) {
        if (over) {
            channel.close();
        } else {
            progressNs = System.nanoTime();
            lane.up(channel);
        }
    }

    /** The socket is gone: begins to replace it. */
    void lost(@Nullable Throwable cause) {
        if (!outage) {
            outage = true;
            outageSinceNs = System.nanoTime();
            LOG.log(Level.INFO, "lost a connection to {0}{1}", core.uri(), cause == null ? "" : ": " + cause);
        }
        retryLater(cause);
    }

    private void retryLater(@Nullable Throwable cause) {
        if (over) {
            return;
        }
        if (remainingNs() <= 0) {
            String message = core.uri() + " was lost and did not come back within "
                    + core.options().reconnectLimit().toMillis()
                    + " ms: start the server again, then open a new client; unanswered writes may or may not be there";
            core.fail(
                    cause == null ? new NbdUnreachableException(message) : new NbdUnreachableException(message, cause));
            return;
        }
        loop.schedule(this::retry, backoffMs, TimeUnit.MILLISECONDS);
        backoffMs = Math.min(2 * backoffMs, LONGEST_BACKOFF_MS);
    }

    private void retry() {
        if (over) {
            return;
        }
        long limitNs = Math.min(core.options().handshakeLimit().toNanos(), Math.max(remainingNs(), 1_000_000));
        attempt(Duration.ofNanos(limitNs)).whenComplete((result, failure) -> {
            if (failure != null) {
                failed(unwrap(failure));
                return;
            }
            NbdFailure changed = core.differs(result.value());
            if (changed != null) {
                result.channel().close();
                core.fail(changed);
                return;
            }
            core.newEpoch();
            LOG.log(Level.INFO, "connected to {0} again", core.uri());
            if (!lane.hasRequests()) {
                outageOver();
            }
            take(result.channel());
        });
    }

    private void failed(Throwable failure) {
        switch (failure) {
            case NbdUnreachableException away -> retryLater(away);
            case NbdRefusedException refused when refused.reply() == OptionReply.ERR_SHUTDOWN -> retryLater(refused);
            case NbdFailure lasting -> core.fail(lasting);
            default -> core.fail(new NbdProtocolException("the handshake failed", failure));
        }
    }

    private static Throwable unwrap(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private long remainingNs() {
        return core.options().reconnectLimit().toNanos() - (System.nanoTime() - outageSinceNs);
    }

    /** Bytes moved: the server is not stalled. */
    void progressed() {
        progressNs = System.nanoTime();
    }

    /** A request was answered: the server is back. */
    void answered() {
        if (outage) {
            outageOver();
        }
    }

    private void outageOver() {
        outage = false;
        backoffMs = FIRST_BACKOFF_MS;
    }

    private void watchForStalls() {
        if (over) {
            return;
        }
        long limitNs = core.options().stallLimit().toNanos();
        if (lane.hasInFlight() && System.nanoTime() - progressNs > limitNs) {
            stalled();
        }
        loop.schedule(this::watchForStalls, Math.max(limitNs / STALL_CHECKS_PER_LIMIT, 1), TimeUnit.NANOSECONDS);
    }

    /**
     * Reads can be asked for again elsewhere. A write must not be: the server may still be about to carry it out, and would
     * do so after a later write to the same place had been acknowledged on another connection.
     */
    private void stalled() {
        String message = core.uri() + " has not moved a byte for "
                + core.options().stallLimit().toMillis() + " ms although requests are in flight";
        if (lane.hasModifyingInFlight()) {
            core.fail(new NbdUnreachableException(message + ": whether the writes among them are done is unknown"));
        } else {
            LOG.log(Level.WARNING, message);
            lane.drop();
        }
    }

    void end() {
        over = true;
    }
}
