package io.pageferry.direct;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.LinuxException;
import io.pageferry.linux.PeerCredentials;
import io.pageferry.linux.UnixSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Frames and descriptors over one Unix socket. One thread uses it; {@link #shutdown} may come from any. */
public final class FrameChannel implements AutoCloseable {
    private static final int BUFFER_BYTES = DirectLimits.HEADER_BYTES + DirectLimits.MAX_PAYLOAD_BYTES;

    private final UnixSocket socket;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final List<Descriptor> received = new ArrayList<>();
    private int start;
    private int end;

    /** Takes over a connected socket. */
    public FrameChannel(UnixSocket socket) {
        this.socket = socket;
    }

    public PeerCredentials peer() {
        return socket.peer();
    }

    /**
     * Sends one frame; the caller keeps its descriptors.
     *
     * @throws DirectException if the peer has gone
     */
    public void send(
            DirectRequest type, DirectStatus status, byte[] payload, int length, List<Descriptor> descriptors) {
        byte[] bytes = new byte[DirectLimits.HEADER_BYTES + length];
        ByteBuffer.wrap(bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(length)
                .putShort((short) type.code())
                .putShort((short) status.code())
                .put(payload, 0, length);
        try {
            socket.send(bytes, descriptors);
        } catch (LinuxException | IllegalStateException gone) {
            throw new DirectException(DirectStatus.FAILED, "the direct path is lost: " + gone.getMessage(), gone);
        }
    }

    /**
     * Waits for the next frame; empty once the peer has gone between two frames.
     *
     * @throws DirectException if a frame is too long (INVALID), or ends in the middle (FAILED)
     */
    public Optional<Frame> receive() {
        while (true) {
            int available = end - start;
            if (available >= DirectLimits.HEADER_BYTES) {
                ByteBuffer header =
                        ByteBuffer.wrap(buffer, start, available).slice().order(ByteOrder.LITTLE_ENDIAN);
                int length = header.getInt(0);
                if (length < 0 || length > DirectLimits.MAX_PAYLOAD_BYTES) {
                    throw new DirectException(DirectStatus.INVALID, "a frame of " + length + " bytes is too long");
                }
                if (available >= DirectLimits.HEADER_BYTES + length) return Optional.of(take(header, length));
            }
            if (!receiveMore()) {
                if (available == 0) return Optional.empty();
                throw new DirectException(DirectStatus.FAILED, "the peer has gone in the middle of a frame");
            }
        }
    }

    /** The descriptor that came with the frame received last, if one did; the caller owns it. */
    Optional<Descriptor> takeDescriptor() {
        return received.isEmpty() ? Optional.empty() : Optional.of(received.removeFirst());
    }

    /** Ends both directions: a thread that waits in {@link #receive} returns. */
    public void shutdown() {
        socket.shutdown();
    }

    @Override
    public void close() {
        socket.close();
        dropDescriptors();
    }

    /** Closes what a peer has sent and nobody asked for. */
    public void dropDescriptors() {
        received.forEach(Descriptor::close);
        received.clear();
    }

    private boolean receiveMore() {
        System.arraycopy(buffer, start, buffer, 0, end - start);
        end -= start;
        start = 0;
        byte[] chunk = new byte[end == 0 ? 4096 : buffer.length - end];
        int count;
        try {
            count = socket.receive(chunk, received);
        } catch (LinuxException | IllegalStateException gone) {
            throw new DirectException(DirectStatus.FAILED, "the direct path is lost: " + gone.getMessage(), gone);
        }
        if (received.size() > UnixSocket.MAX_DESCRIPTORS) {
            throw new DirectException(DirectStatus.INVALID, "descriptors that nobody asked for");
        }
        if (count < 0) return false;
        System.arraycopy(chunk, 0, buffer, end, count);
        end += count;
        return true;
    }

    private Frame take(ByteBuffer header, int length) {
        Frame frame = new Frame(
                Short.toUnsignedInt(header.getShort(4)),
                Short.toUnsignedInt(header.getShort(6)),
                header.slice(DirectLimits.HEADER_BYTES, length).order(ByteOrder.LITTLE_ENDIAN));
        start += DirectLimits.HEADER_BYTES + length;
        return frame;
    }
}
