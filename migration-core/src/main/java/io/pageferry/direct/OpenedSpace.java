package io.pageferry.direct;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;

/**
 * The payload of the answer to an {@link DirectRequest#OPEN}: size in bytes (8), 1 if it may be written, else 0 (4), identity of the
 * server (16, in the order of RFC 9562).
 */
public record OpenedSpace(long sizeBytes, boolean writable, UUID server) {
    private static final int BYTES = 28;

    public byte[] encoded() {
        return ByteBuffer.allocate(BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(sizeBytes)
                .putInt(writable ? 1 : 0)
                .order(ByteOrder.BIG_ENDIAN)
                .putLong(server.getMostSignificantBits())
                .putLong(server.getLeastSignificantBits())
                .array();
    }

    static OpenedSpace decode(ByteBuffer payload) {
        if (payload.remaining() != BYTES) throw new DirectException(DirectStatus.INVALID, "not an opened space");
        long sizeBytes = payload.getLong();
        boolean writable = payload.getInt() == 1;
        ByteBuffer server = payload.slice().order(ByteOrder.BIG_ENDIAN);
        return new OpenedSpace(sizeBytes, writable, new UUID(server.getLong(), server.getLong()));
    }
}
