package io.pageferry.agent.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.DecoderException;
import io.netty.util.ByteProcessor;

/**
 * Finds where whole Redis requests and replies end, without decoding them (Redis serialization protocol, RESP2 and RESP3).
 * Goes on where it stopped when more bytes come. Not thread-safe.
 */
final class RespScanner {
    /** The longest bulk string that is taken, in bytes. */
    static final int MAX_BULK_BYTES = 512 << 20;

    /** The longest request or reply, in bytes, since it is held in memory as a whole; no longer a query is taken by Redis either. */
    static final int MAX_VALUE_BYTES = 1 << 30;

    private static final int MAX_LINE_BYTES = 64 << 10;
    private static final int MAX_ELEMENTS = 1 << 20;

    /** Whether lines that begin with no type byte are inline commands (requests) or an error (replies). */
    private final boolean inlineAllowed;

    private int scanned;
    private long elementsLeft = 1;

    RespScanner(boolean inlineAllowed) {
        this.inlineAllowed = inlineAllowed;
    }

    /**
     * Looks for the end of the value that begins at the reader index.
     *
     * @return its length in bytes, or -1 if its end has not come yet
     * @throws DecoderException if these bytes are no RESP
     */
    int wholeLength(ByteBuf in) {
        while (elementsLeft > 0) {
            int at = in.readerIndex() + scanned;
            int lineEnd = lineEnd(in, at);
            if (lineEnd < 0) return -1;
            long next = lineEnd + 1L;
            byte type = in.getByte(at);
            switch (type) {
                case '+', '-', ':', '_', '#', ',', '(' -> {}
                case '$', '!', '=' -> {
                    long length = number(in, at + 1, lineEnd);
                    if (length > MAX_BULK_BYTES)
                        throw new DecoderException("a string of " + length + " bytes is too long");
                    if (length >= 0) next += length + 2;
                }
                case '*', '~', '>' -> elementsLeft += elements(number(in, at + 1, lineEnd));
                case '%', '|' -> elementsLeft += 2 * elements(number(in, at + 1, lineEnd)) + (type == '|' ? 1 : 0);
                default -> requireInline(type);
            }
            if (next - in.readerIndex() > MAX_VALUE_BYTES)
                throw new DecoderException("longer than " + MAX_VALUE_BYTES + " bytes in all");
            if (next > in.writerIndex()) return -1;
            scanned = (int) next - in.readerIndex();
            elementsLeft--;
        }
        int length = scanned;
        scanned = 0;
        elementsLeft = 1;
        return length;
    }

    private int lineEnd(ByteBuf in, int at) {
        int readable = in.writerIndex() - at;
        int lineEnd =
                readable <= 0 ? -1 : in.forEachByte(at, Math.min(readable, MAX_LINE_BYTES), ByteProcessor.FIND_LF);
        if (lineEnd < 0 && readable >= MAX_LINE_BYTES) throw new DecoderException("a line is longer than 64 KiB");
        return lineEnd;
    }

    private void requireInline(byte type) {
        if (!inlineAllowed) throw new DecoderException("not a reply: it begins with byte " + type);
    }

    private static long elements(long count) {
        if (count > MAX_ELEMENTS) throw new DecoderException("an array of " + count + " elements is too long");
        return Math.max(0, count);
    }

    private static long number(ByteBuf in, int from, int lineEnd) {
        int end = lineEnd > from && in.getByte(lineEnd - 1) == '\r' ? lineEnd - 1 : lineEnd;
        boolean negative = from < end && in.getByte(from) == '-';
        long value = 0;
        int first = negative ? from + 1 : from;
        if (first == end || end - first > 18) throw new DecoderException("not a length");
        for (int i = first; i < end; i++) {
            int digit = in.getByte(i) - '0';
            if (digit < 0 || digit > 9) throw new DecoderException("not a length");
            value = 10 * value + digit;
        }
        return negative ? -value : value;
    }
}
