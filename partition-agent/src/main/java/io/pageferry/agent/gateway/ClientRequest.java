package io.pageferry.agent.gateway;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A client's whole request, and what the gateway has to know of it.
 *
 * @param bytes as they came; whoever has the request releases them
 */
record ClientRequest(ByteBuf bytes, Kind kind) {
    /** What sort of request it is. */
    enum Kind {
        /** It gets no reply: an empty line, or an array of nothing. */
        SILENT,
        /** A HELLO that asks for something; one that asks for nothing only tells what holds. */
        HELLO,
        /** CLIENT SETNAME. */
        SET_NAME,
        /** The last of its connection. */
        QUIT,
        OTHER
    }

    private static final int LOOKED_AT_BYTES = 32;
    private static final int GREETING_BYTES = 4096;
    private static final Pattern SILENT = Pattern.compile("\\s*|\\*(0+|-\\d+)\\r?\\n");
    private static final Pattern HELLO =
            Pattern.compile("\\s*HELLO[ \\t]+\\S.*|\\*(?!1\\r)\\d+\\r\\n\\$5\\r\\nHELLO\\r\\n.*", Pattern.DOTALL);
    private static final Pattern SET_NAME = Pattern.compile(
            "\\s*CLIENT[ \\t]+SETNAME[ \\t]+\\S.*|\\*3\\r\\n\\$6\\r\\nCLIENT\\r\\n\\$7\\r\\nSETNAME\\r\\n.*",
            Pattern.DOTALL);
    private static final Pattern QUIT =
            Pattern.compile("\\s*QUIT\\b.*|\\*\\d+\\r\\n\\$4\\r\\nQUIT\\r\\n.*", Pattern.DOTALL);
    private static final Pattern NAMES = Pattern.compile(".*\\sSETNAME\\s.*", Pattern.DOTALL);

    static ClientRequest of(ByteBuf bytes) {
        return new ClientRequest(bytes, kindOf(bytes));
    }

    int sizeBytes() {
        return bytes.readableBytes();
    }

    void release() {
        bytes.release();
    }

    /** Of a HELLO: whether it gives the connection a name, too. */
    boolean givesName() {
        return NAMES.matcher(start(bytes, GREETING_BYTES)).matches();
    }

    private static Kind kindOf(ByteBuf bytes) {
        if (bytes.readableBytes() <= LOOKED_AT_BYTES
                && SILENT.matcher(start(bytes, LOOKED_AT_BYTES)).matches()) return Kind.SILENT;
        // Nearly all requests end here, before they cost a pattern.
        if (!isWorthALook(bytes)) return Kind.OTHER;
        String start = start(bytes, LOOKED_AT_BYTES);
        if (HELLO.matcher(start).matches()) return Kind.HELLO;
        if (SET_NAME.matcher(start).matches()) return Kind.SET_NAME;
        return QUIT.matcher(start).matches() ? Kind.QUIT : Kind.OTHER;
    }

    private static boolean isWorthALook(ByteBuf bytes) {
        int at = bytes.readerIndex();
        if (bytes.getByte(at) == '*') {
            int countEnd = bytes.indexOf(at, bytes.writerIndex(), (byte) '\n');
            int lengthEnd = bytes.indexOf(countEnd + 1, bytes.writerIndex(), (byte) '\n');
            if (countEnd < 0 || lengthEnd < 0 || lengthEnd + 1 >= bytes.writerIndex()) return false;
            at = lengthEnd + 1;
        }
        int first = bytes.getByte(at);
        return switch (first) {
            case 'h', 'H', 'c', 'C', 'q', 'Q', ' ', '\t', '\r' -> true;
            default -> false;
        };
    }

    private static String start(ByteBuf bytes, int maxBytes) {
        int length = Math.min(maxBytes, bytes.readableBytes());
        return bytes.toString(bytes.readerIndex(), length, StandardCharsets.ISO_8859_1)
                .toUpperCase(Locale.ROOT);
    }
}
