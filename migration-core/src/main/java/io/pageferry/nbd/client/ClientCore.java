package io.pageferry.nbd.client;

import io.pageferry.nbd.CommandFlags;
import io.pageferry.nbd.CommandType;
import io.pageferry.nbd.NbdError;
import io.pageferry.nbd.TransmissionFlags;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** What a client's lanes share: where requests go, in which order writes go, and what ends them all. */
final class ClientCore {
    private static final Logger LOG = System.getLogger(ClientCore.class.getName());

    /** What a server that came back must still be able to do. */
    private static final int CAPABILITIES = TransmissionFlags.SEND_FLUSH
            | TransmissionFlags.SEND_FUA
            | TransmissionFlags.SEND_TRIM
            | TransmissionFlags.SEND_WRITE_ZEROES
            | TransmissionFlags.SEND_CACHE
            | TransmissionFlags.SEND_FAST_ZERO
            | TransmissionFlags.CAN_MULTI_CONN;

    private final NbdTransport transport;
    private final NbdUri uri;
    private final NbdClientOptions options;
    private final InFlightLimit limit;
    private final WriteOrder writeOrder = new WriteOrder();
    private final UnflushedWrites unflushed = new UnflushedWrites();
    private final List<Lane> bulk = new CopyOnWriteArrayList<>();
    private final AtomicReference<@Nullable NbdFailure> failure = new AtomicReference<>();
    private volatile @Nullable Lane urgent;
    private volatile @Nullable ExportInfo info;

    ClientCore(NbdTransport transport, NbdUri uri, NbdClientOptions options) {
        this.transport = transport;
        this.uri = uri;
        this.options = options;
        this.limit = new InFlightLimit(options.maxRequests(), options.maxBytes());
    }

    NbdTransport transport() {
        return transport;
    }

    NbdUri uri() {
        return uri;
    }

    NbdClientOptions options() {
        return options;
    }

    UnflushedWrites unflushed() {
        return unflushed;
    }

    int epoch() {
        return unflushed.epoch();
    }

    void newEpoch() {
        unflushed.newEpoch();
    }

    ExportInfo info() {
        return Objects.requireNonNull(info, "not connected yet");
    }

    /** Makes the first connection, and the others where the server allows more than one. */
    void open() throws NbdFailure, InterruptedException {
        ExportInfo opened = addBulkLane();
        info = opened;
        if (!opened.multiConn()) {
            return;
        }
        while (bulk.size() < options.connections()) {
            requireSame(addBulkLane());
        }
        if (options.urgentLane()) {
            Lane lane = newLane();
            urgent = lane;
            requireSame(NbdQueries.await(lane.link().open()));
        }
    }

    private ExportInfo addBulkLane() throws NbdFailure, InterruptedException {
        Lane lane = newLane();
        bulk.add(lane);
        return NbdQueries.await(lane.link().open());
    }

    private Lane newLane() {
        return new Lane(this, transport.nextLoop());
    }

    private void requireSame(ExportInfo other) throws NbdFailure {
        NbdFailure difference = differs(other);
        if (difference != null) {
            throw difference;
        }
    }

    /** Why an export that was opened again cannot stand in for the one that was opened first; null if it can. */
    @Nullable
    NbdFailure differs(ExportInfo other) {
        ExportInfo first = info();
        if (other.readOnly() && !first.readOnly()) {
            return new NbdException(NbdError.EPERM, "opening " + uri + " again", "the export is read-only now");
        }
        boolean same = other.sizeBytes() == first.sizeBytes()
                && other.structuredReplies() == first.structuredReplies()
                && other.maxPayloadBytes() >= first.maxPayloadBytes()
                && other.blockSizes().minimumBytes() <= first.blockSizes().minimumBytes()
                && other.contexts().values().containsAll(first.contexts().values())
                && other.flags().has(first.flags().bits() & CAPABILITIES);
        return same
                ? null
                : new NbdProtocolException(uri + " is another export now: it was " + first + ", and is " + other);
    }

    /** Sends a bulk request, after room was made for it. */
    void submitBulk(Request request) {
        try {
            limit.acquire(request.payloadBytes(), !transport.onEventLoop());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            request.complete(new NbdInterruptedException("interrupted before sending " + request));
            return;
        }
        if (!request.modifies() || writeOrder.admit(request)) {
            dispatch(request);
        }
    }

    /** Sends a read that waits for no other request. */
    void submitUrgent(Request request) {
        Lane lane = urgent;
        // Held against the limit as well, so that closing waits for it, but never made to wait.
        acquireAtOnce(request);
        (lane != null ? lane : bulk.getFirst()).submit(request);
    }

    private void acquireAtOnce(Request request) {
        try {
            limit.acquire(request.payloadBytes(), false);
        } catch (InterruptedException e) {
            throw new IllegalStateException("does not wait", e);
        }
    }

    private void dispatch(Request request) {
        boolean pinned = request.type == CommandType.BLOCK_STATUS; // what was written since this connection last asked
        Lane least = bulk.getFirst();
        for (Lane lane : bulk) {
            if (!pinned && lane.loadBytes() < least.loadBytes()) {
                least = lane;
            }
        }
        least.submit(request);
    }

    /** A lane is done with a request. */
    void finished(Request request, @Nullable NbdFailure outcome) {
        if (request.modifies()) {
            if (outcome == null) {
                boolean durable = (request.flags & CommandFlags.FUA) != 0;
                unflushed.acknowledged(request.offset, request.end(), durable, request.sentEpoch);
            }
            writeOrder.release(request).forEach(this::dispatch);
        }
        limit.release(request.payloadBytes());
        try {
            request.complete(outcome);
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "the completion of " + request + " threw", e);
        }
    }

    /** Ends the client: every request under way, and every later one, fails with the first failure given. */
    void fail(NbdFailure reason) {
        if (!failure.compareAndSet(null, reason)) {
            return;
        }
        limit.lift();
        Lane urgentLane = urgent;
        for (Lane lane : bulk) {
            lane.endLater(reason);
        }
        if (urgentLane != null) {
            urgentLane.endLater(reason);
        }
    }

    /** Waits for what is in flight, within limits, then leaves politely. */
    void close(long limitNs) {
        try {
            limit.awaitIdle(limitNs);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        fail(new NbdClosedException("the client of " + uri + " was closed"));
    }
}
