package io.pageferry.direct;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The payload of the answer to an {@link DirectRequest#OPEN}: size in bytes (8), 1 if it may be written, else 0 (4). */
public record OpenedSpace(long sizeBytes, boolean writable) {
    private static final int BYTES = 12;

    public byte[] encoded() {
        return ByteBuffer.allocate(BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(sizeBytes)
                .putInt(writable ? 1 : 0)
                .array();
    }

    static OpenedSpace decode(ByteBuffer payload) {
        if (payload.remaining() != BYTES) throw new DirectException(DirectStatus.INVALID, "not an opened space");
        return new OpenedSpace(payload.getLong(), payload.getInt() == 1);
    }
}
