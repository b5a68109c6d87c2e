package io.pageferry.direct;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Ranges as a frame carries them; neighbours added one after the other become one. Not thread-safe. */
public final class RangeBatch {
    /** In a length: the range holds nothing now, and reads as zeroes. */
    private static final long HOLE = 1L << 63;

    /** Receives ranges. */
    @FunctionalInterface
    public interface Visitor {
        void range(long offset, long length, boolean hole);
    }

    private final byte[] bytes = new byte[DirectLimits.MAX_PAYLOAD_BYTES];
    private final ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    private long sizeBytes;

    /** Adds a range; the caller has seen that there is room. */
    public void add(long offset, long length, boolean hole) {
        sizeBytes += length;
        int at = buffer.position();
        if (at > 0) {
            long lastOffset = buffer.getLong(at - DirectLimits.RANGE_BYTES);
            long last = buffer.getLong(at - Long.BYTES);
            if (last < 0 == hole && lastOffset + (last & ~HOLE) == offset) {
                buffer.putLong(at - Long.BYTES, last + length);
                return;
            }
        }
        buffer.putLong(offset).putLong(hole ? length | HOLE : length);
    }

    public boolean isFull() {
        return !buffer.hasRemaining();
    }

    public boolean isEmpty() {
        return buffer.position() == 0;
    }

    /** The ranges' lengths together. */
    public long sizeBytes() {
        return sizeBytes;
    }

    /** The payload of a frame; its length is {@link #length}. */
    public byte[] bytes() {
        return bytes;
    }

    public int length() {
        return buffer.position();
    }

    public void clear() {
        buffer.clear();
        sizeBytes = 0;
    }

    /**
     * Reads the ranges of a frame.
     *
     * @throws DirectException (INVALID) unless each lies within the space and is of whole pages, its last one excepted
     */
    public static void visit(ByteBuffer payload, long spaceBytes, Visitor visitor) {
        if (payload.remaining() % DirectLimits.RANGE_BYTES != 0) {
            throw new DirectException(DirectStatus.INVALID, payload.remaining() + " bytes are no ranges");
        }
        while (payload.hasRemaining()) {
            long offset = payload.getLong();
            long word = payload.getLong();
            long length = word & ~HOLE;
            boolean within = offset >= 0 && length > 0 && offset <= spaceBytes - length;
            boolean whole = offset % DirectLimits.PAGE_BYTES == 0
                    && (length % DirectLimits.PAGE_BYTES == 0 || offset + length == spaceBytes);
            if (!within || !whole) {
                throw new DirectException(
                        DirectStatus.INVALID,
                        "offset " + offset + ", length " + length + " is no range of whole pages within the space's "
                                + spaceBytes + " bytes");
            }
            visitor.range(offset, length, word < 0);
        }
    }
}
