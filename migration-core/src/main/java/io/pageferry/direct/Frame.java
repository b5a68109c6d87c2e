package io.pageferry.direct;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A frame as it was received.
 *
 * @param type the code of a {@link DirectRequest}, or what a bad peer sent
 * @param payload little-endian, at most {@link DirectLimits#MAX_PAYLOAD_BYTES}; valid until the next frame is received
 */
public record Frame(int type, int status, ByteBuffer payload) {
    /** The payload as text. */
    String text() {
        return StandardCharsets.UTF_8.decode(payload.duplicate()).toString();
    }
}
