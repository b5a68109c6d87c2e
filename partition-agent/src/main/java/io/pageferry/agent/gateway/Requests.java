package io.pageferry.agent.gateway;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/** What the gateway has to know of a Redis request beside its length. */
final class Requests {
    private static final int LOOKED_AT_BYTES = 32;
    private static final Pattern SILENT = Pattern.compile("\\s*|\\*(0+|-\\d+)\\r?\\n");
    private static final Pattern HELLO =
            Pattern.compile("\\s*HELLO\\b.*|\\*\\d+\\r\\n\\$5\\r\\nHELLO\\r\\n.*", Pattern.DOTALL);

    private Requests() {}

    /** Whether it gets no reply: an empty line, or an array of nothing. */
    static boolean isSilent(ByteBuf request) {
        if (request.readableBytes() > LOOKED_AT_BYTES) return false;
        return SILENT.matcher(start(request)).matches();
    }

    /** Whether it agrees on the protocol: what follows on another connection has to begin with it, too. */
    static boolean isHello(ByteBuf request) {
        return HELLO.matcher(start(request).toUpperCase(Locale.ROOT)).matches();
    }

    private static String start(ByteBuf request) {
        int length = Math.min(LOOKED_AT_BYTES, request.readableBytes());
        return request.toString(request.readerIndex(), length, StandardCharsets.US_ASCII);
    }
}
