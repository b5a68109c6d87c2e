package io.pageferry.direct;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.LinuxException;
import io.pageferry.linux.UnixSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/**
 * An agent's connection for one space: its descriptor, and what is said to the server about it. Thread-safe; every method
 * throws {@link DirectException}.
 */
public final class DirectClient implements AutoCloseable {
    /** Requests that may be under way without an answer: few enough that neither side's socket buffer fills. */
    private static final int MAX_POSTED = 64;

    private static final byte[] NOTHING = {};

    private final FrameChannel channel;
    private final Descriptor file;
    private final OpenedSpace space;
    private int posted;

    private DirectClient(FrameChannel channel, Descriptor file, OpenedSpace space) {
        this.channel = channel;
        this.file = file;
        this.space = space;
    }

    /** Opens a space: for writing with its lease's token, else for reading. */
    public static DirectClient connect(Path socket, OpenRequest request) {
        FrameChannel channel = new FrameChannel(connect(socket));
        try {
            byte[] open = request.encoded();
            channel.send(DirectRequest.OPEN, DirectStatus.OK, open, open.length, List.of());
            OpenedSpace opened =
                    OpenedSpace.decode(answer(channel, DirectRequest.OPEN).payload());
            Descriptor file = channel.takeDescriptor()
                    .orElseThrow(() -> new DirectException(DirectStatus.INVALID, "no descriptor came with the space"));
            return new DirectClient(channel, file, opened);
        } catch (RuntimeException failure) {
            channel.close();
            throw failure;
        }
    }

    private static UnixSocket connect(Path socket) {
        try {
            return UnixSocket.connect(socket);
        } catch (LinuxException failure) {
            throw new DirectException(
                    DirectStatus.FAILED, "cannot reach the direct path: " + failure.getMessage(), failure);
        }
    }

    /** The space's file; readable, and writable if {@link #isWritable}. */
    Descriptor file() {
        return file;
    }

    /** Which server has opened it. */
    public UUID server() {
        return space.server();
    }

    public long sizeBytes() {
        return space.sizeBytes();
    }

    public boolean isWritable() {
        return space.writable();
    }

    /** Asks for something about ranges and waits until it is done, and all that was posted before. */
    synchronized void ask(DirectRequest request, RangeBatch ranges) {
        drain();
        channel.send(request, DirectStatus.OK, ranges.bytes(), ranges.length(), List.of());
        answer(channel, request);
    }

    /** Asks for something and does not wait for the answer: {@link #drain} does, and tells of a failure. */
    synchronized void post(DirectRequest request, RangeBatch ranges) {
        if (posted == MAX_POSTED) drain();
        channel.send(request, DirectStatus.OK, ranges.bytes(), ranges.length(), List.of());
        posted++;
    }

    /** Waits until all that was posted is done. */
    synchronized void drain() {
        while (posted > 0) {
            posted--;
            answer(channel, DirectRequest.WRITTEN);
        }
    }

    /** Makes all that was announced durable. */
    synchronized void flush() {
        drain();
        channel.send(DirectRequest.FLUSH, DirectStatus.OK, NOTHING, 0, List.of());
        answer(channel, DirectRequest.FLUSH);
    }

    /** Tells what changed in the space since this was last called; the first time, all that is written. */
    synchronized void changed(RangeBatch.Visitor visitor) {
        drain();
        channel.send(DirectRequest.CHANGED, DirectStatus.OK, NOTHING, 0, List.of());
        Frame frame;
        do {
            frame = answer(channel, DirectRequest.CHANGED);
            RangeBatch.visit(frame.payload(), space.sizeBytes(), visitor);
        } while (frame.status() == DirectStatus.MORE.code());
    }

    private static Frame answer(FrameChannel channel, DirectRequest expected) {
        Frame frame = channel.receive()
                .orElseThrow(() -> new DirectException(DirectStatus.FAILED, "the server has closed the direct path"));
        DirectStatus status = DirectStatus.ofCode(frame.status());
        if (status != DirectStatus.OK && status != DirectStatus.MORE) {
            throw new DirectException(status, frame.text());
        }
        if (frame.type() != expected.code()) {
            throw new DirectException(DirectStatus.INVALID, "an answer of type " + frame.type() + " to " + expected);
        }
        return frame;
    }

    /** Ends the connection; a thread that waits for an answer fails. */
    @Override
    public void close() {
        channel.shutdown();
        synchronized (this) {
            channel.close();
            file.close();
        }
    }
}
