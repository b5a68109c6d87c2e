package io.pageferry.nbd.client;

import io.pageferry.nbd.CommandFlags;
import io.pageferry.nbd.CommandType;
import io.pageferry.nbd.TransmissionFlags;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An open export of an NBD server. Requests are pipelined: each method returns once the request is queued, and waits only
 * while too much is in flight ({@link NbdClientOptions#maxRequests}, {@link NbdClientOptions#maxBytes}; never on an event
 * loop). Futures fail with an {@link NbdFailure} and complete on an event loop: what follows must not block.
 *
 * <p>Memory given to a request must be native, not confined to a thread, and stay alive until the request is over; what
 * is to be written should not change until then, or any mixture of old and new may be what is written.
 *
 * <p>A request that the export cannot take (beyond its end, misaligned, longer than {@link ExportInfo#maxPayloadBytes})
 * throws {@link IllegalArgumentException}; a command that the server does not offer throws
 * {@link UnsupportedOperationException}.
 */
public final class NbdClient implements AutoCloseable {
    private static final long CLOSE_LIMIT_NS = TimeUnit.SECONDS.toNanos(5);
    private static final long MAX_EFFECT_BYTES = 0xffff_ffffL;

    private final ClientCore core;
    private final RequestCheck check;
    private final @Nullable NbdTransport ownTransport;

    private NbdClient(ClientCore core, @Nullable NbdTransport ownTransport) {
        this.core = core;
        this.check = new RequestCheck(core.info());
        this.ownTransport = ownTransport;
    }

    /** Opens an export, with event loops of its own; fails at once where the server is not there. */
    public static NbdClient connect(NbdUri uri, NbdClientOptions options) throws NbdFailure, InterruptedException {
        int threads = Math.min(options.connections() + 1, Runtime.getRuntime().availableProcessors());
        NbdTransport transport = NbdTransport.open(threads);
        try {
            return open(transport, uri, options, transport);
        } catch (NbdFailure | InterruptedException | RuntimeException e) {
            transport.close();
            throw e;
        }
    }

    /** Opens an export, on event loops that it shares with others. */
    public static NbdClient connect(NbdTransport transport, NbdUri uri, NbdClientOptions options)
            throws NbdFailure, InterruptedException {
        return open(transport, uri, options, null);
    }

    private static NbdClient open(
            NbdTransport transport, NbdUri uri, NbdClientOptions options, @Nullable NbdTransport own)
            throws NbdFailure, InterruptedException {
        ClientCore core = new ClientCore(transport, uri, options);
        try {
            core.open();
        } catch (NbdFailure | InterruptedException | RuntimeException e) {
            core.close(0);
            throw e;
        }
        return new NbdClient(core, own);
    }

    /** What the server said of the export when it was first opened. */
    public ExportInfo export() {
        return core.info();
    }

    /** Reads {@code into.byteSize()} bytes. */
    public void read(long offset, MemorySegment into, NbdCompletion completion) {
        core.submitBulk(readRequest(offset, into, completion));
    }

    /** As {@link #read(long, MemorySegment, NbdCompletion)}. */
    public CompletableFuture<Void> read(long offset, MemorySegment into) {
        FutureCompletion done = new FutureCompletion();
        read(offset, into, done);
        return done;
    }

    /**
     * Reads over the urgent lane, past the limits of what is in flight: for a page that somebody waits for. Without
     * multi-conn, or without an urgent lane, it goes over the one connection behind what was sent before.
     */
    public void readUrgent(long offset, MemorySegment into, NbdCompletion completion) {
        core.submitUrgent(readRequest(offset, into, completion));
    }

    private Request readRequest(long offset, MemorySegment into, NbdCompletion completion) {
        check.memory(offset, into);
        if (into.isReadOnly()) {
            throw new IllegalArgumentException("cannot read into read-only memory");
        }
        return Request.ofMemory(CommandType.READ, 0, offset, into, completion);
    }

    /** Writes {@code from.byteSize()} bytes; {@code flags} may be {@link CommandFlags#FUA}. */
    public void write(long offset, MemorySegment from, int flags, NbdCompletion completion) {
        check.memory(offset, from);
        check.flags(CommandType.WRITE, flags);
        core.submitBulk(Request.ofMemory(CommandType.WRITE, flags, offset, from, completion));
    }

    /** As {@link #write(long, MemorySegment, int, NbdCompletion)}. */
    public CompletableFuture<Void> write(long offset, MemorySegment from, int flags) {
        FutureCompletion done = new FutureCompletion();
        write(offset, from, flags, done);
        return done;
    }

    /**
     * Makes durable all writes that completed before this call. Fails with {@link NbdUnflushedWritesException} where some
     * of them must be written again first, because a connection was lost since.
     */
    public CompletableFuture<Void> flush() {
        check.offered(TransmissionFlags.SEND_FLUSH, CommandType.FLUSH);
        FutureCompletion done = new FutureCompletion();
        UnflushedWrites.Flush flush;
        try {
            flush = core.unflushed().begin();
        } catch (NbdUnflushedWritesException e) {
            return CompletableFuture.failedFuture(e);
        }
        core.submitBulk(Request.ofRange(CommandType.FLUSH, 0, 0, 0, failure -> {
            try {
                core.unflushed().end(flush, failure == null);
                done.completed(failure);
            } catch (NbdUnflushedWritesException e) {
                done.completed(e);
            }
        }));
        return done;
    }

    /** Tells that the content of a range is not needed any more; {@code flags} may be FUA. */
    public CompletableFuture<Void> trim(long offset, long lengthBytes, int flags) {
        check.offered(TransmissionFlags.SEND_TRIM, CommandType.TRIM);
        return range(CommandType.TRIM, offset, lengthBytes, flags);
    }

    /** Writes zeroes; {@code flags} may be FUA, NO_HOLE and FAST_ZERO. */
    public CompletableFuture<Void> writeZeroes(long offset, long lengthBytes, int flags) {
        check.offered(TransmissionFlags.SEND_WRITE_ZEROES, CommandType.WRITE_ZEROES);
        return range(CommandType.WRITE_ZEROES, offset, lengthBytes, flags);
    }

    /** Tells that a range will be read soon. */
    public CompletableFuture<Void> cache(long offset, long lengthBytes) {
        check.offered(TransmissionFlags.SEND_CACHE, CommandType.CACHE);
        return range(CommandType.CACHE, offset, lengthBytes, 0);
    }

    private CompletableFuture<Void> range(int type, long offset, long lengthBytes, int flags) {
        check.range(offset, lengthBytes, MAX_EFFECT_BYTES);
        check.flags(type, flags);
        FutureCompletion done = new FutureCompletion();
        core.submitBulk(Request.ofRange(type, flags, offset, lengthBytes, done));
        return done;
    }

    /**
     * Asks for the status of a range; {@code flags} may be REQ_ONE. The answer may stop short of the range, but makes
     * progress; {@link ExtentWalk} asks until a range is covered. All questions go over one and the same connection; when
     * that is replaced, {@code pageferry:written-since} reports all that was ever written as changed.
     */
    public CompletableFuture<BlockStatus> blockStatus(long offset, long lengthBytes, int flags) {
        if (core.info().contexts().isEmpty()) {
            throw new UnsupportedOperationException("the server offers none of the contexts asked for: "
                    + core.options().contexts());
        }
        check.range(offset, lengthBytes, MAX_EFFECT_BYTES);
        check.flags(CommandType.BLOCK_STATUS, flags);
        StatusCompletion done = new StatusCompletion();
        Request request = Request.ofRange(CommandType.BLOCK_STATUS, flags, offset, lengthBytes, done);
        done.answers(request);
        core.submitBulk(request);
        return done;
    }

    /** Waits up to 5 seconds for what is in flight, then disconnects; what is left fails with {@link NbdClosedException}. */
    @Override
    public void close() {
        core.close(CLOSE_LIMIT_NS);
        if (ownTransport != null) {
            ownTransport.close();
        }
    }
}
