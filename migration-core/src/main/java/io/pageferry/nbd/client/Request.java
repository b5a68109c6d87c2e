package io.pageferry.nbd.client;

import io.pageferry.nbd.CommandType;
import io.pageferry.nbd.NbdError;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request from its caller to its completion, over as many connections as that takes. Its progress belongs to the
 * event loop of the lane it is on.
 */
final class Request {
    private static final ByteBuffer NO_BYTES = ByteBuffer.allocateDirect(0);

    final int type;
    final int flags;
    final long offset;
    final long lengthBytes;
    /** The caller's memory, to read into or to write from; empty where the command has no payload. */
    final MemorySegment memory;
    /** The same memory as Netty wants it. Its position and limit are never moved. */
    final ByteBuffer bytes;

    private final NbdCompletion completion;

    /** What the current connection knows the request by. */
    long cookie;
    /** {@link UnflushedWrites#epoch()} when it was last sent. */
    int sentEpoch;
    /** Whether nothing of the request is still to be read from the caller's memory by the current connection. */
    boolean sent;
    /** Whether the reply is complete: the request is over once it is sent, too. */
    boolean replied;
    /** The first error that the reply carried. */
    @Nullable
    NbdException error;

    final ReadCoverage coverage;
    final Map<String, List<Extent>> extents = new HashMap<>();

    private Request(
            int type, int flags, long offset, long lengthBytes, MemorySegment memory, NbdCompletion completion) {
        this.type = type;
        this.flags = flags;
        this.offset = offset;
        this.lengthBytes = lengthBytes;
        this.memory = memory;
        this.bytes = memory.byteSize() == 0 ? NO_BYTES : memory.asByteBuffer();
        this.completion = completion;
        this.coverage = new ReadCoverage(offset, lengthBytes);
    }

    /** A READ or WRITE. */
    static Request ofMemory(int type, int flags, long offset, MemorySegment memory, NbdCompletion completion) {
        return new Request(type, flags, offset, memory.byteSize(), memory, completion);
    }

    /** Any other command. */
    static Request ofRange(int type, int flags, long offset, long lengthBytes, NbdCompletion completion) {
        return new Request(type, flags, offset, lengthBytes, MemorySegment.NULL, completion);
    }

    /** Forgets what a lost connection had brought. */
    void restart(long newCookie, int epoch) {
        cookie = newCookie;
        sentEpoch = epoch;
        sent = type != CommandType.WRITE;
        replied = false;
        error = null;
        coverage.clear();
        extents.clear();
    }

    /** Whether it changes the content of its range. */
    boolean modifies() {
        return type == CommandType.WRITE || type == CommandType.WRITE_ZEROES || type == CommandType.TRIM;
    }

    long end() {
        return offset + lengthBytes;
    }

    boolean overlaps(Request other) {
        return offset < other.end() && other.offset < end();
    }

    /** The data it carries in either direction: what counts against the limit of bytes in flight. */
    long payloadBytes() {
        return memory.byteSize();
    }

    void failWith(int errorCode, String serverMessage) {
        if (error == null) {
            error = new NbdException(NbdError.of(errorCode), toString(), serverMessage);
        }
    }

    void addExtents(String context, List<Extent> found) {
        extents.put(context, new ArrayList<>(found));
    }

    void complete(@Nullable NbdFailure failure) {
        completion.completed(failure);
    }

    @Override
    public String toString() {
        return CommandType.nameOf(type) + " of " + lengthBytes + " bytes at " + offset;
    }
}
