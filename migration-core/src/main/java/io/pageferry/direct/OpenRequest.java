package io.pageferry.direct;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The payload of an {@link DirectRequest#OPEN}: magic (4), version (4), sequence number (8), length of the
 * name (2), of the token (2), name, token.
 *
 * @param leaseToken empty to read
 * @param since what carries no later sequence number in the page directory counts as told; 0 for nothing told
 */
public record OpenRequest(String space, String leaseToken, long since) {
    private static final int FIXED_BYTES = 20;

    byte[] encoded() {
        byte[] name = space.getBytes(StandardCharsets.UTF_8);
        byte[] token = leaseToken.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(FIXED_BYTES + name.length + token.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(DirectLimits.MAGIC)
                .putInt(DirectLimits.VERSION)
                .putLong(since)
                .putShort((short) name.length)
                .putShort((short) token.length)
                .put(name)
                .put(token)
                .array();
    }

    /** Reads the payload. @throws DirectException (INVALID) if it is none */
    public static OpenRequest decode(ByteBuffer payload) {
        if (payload.remaining() < FIXED_BYTES || payload.getInt() != DirectLimits.MAGIC) {
            throw new DirectException(DirectStatus.INVALID, "the first frame does not open a space");
        }
        int version = payload.getInt();
        if (version != DirectLimits.VERSION) {
            throw new DirectException(
                    DirectStatus.INVALID,
                    "version " + version + " is not " + DirectLimits.VERSION + ", which is spoken here");
        }
        long since = payload.getLong();
        int nameLength = Short.toUnsignedInt(payload.getShort());
        int tokenLength = Short.toUnsignedInt(payload.getShort());
        boolean fits = Math.max(nameLength, tokenLength) <= DirectLimits.MAX_TEXT_BYTES
                && payload.remaining() == nameLength + tokenLength;
        if (!fits) throw new DirectException(DirectStatus.INVALID, "name and token are not as long as they say");
        byte[] text = new byte[nameLength + tokenLength];
        payload.get(text);
        return new OpenRequest(
                new String(text, 0, nameLength, StandardCharsets.UTF_8),
                new String(text, nameLength, tokenLength, StandardCharsets.UTF_8),
                since);
    }
}
