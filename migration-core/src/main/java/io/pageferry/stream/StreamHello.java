package io.pageferry.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;

/**
 * The first bytes of a stream, little-endian: magic (4), version (4), number of this stream (4) and of all (4), length of the
 * migration's id (4) and of the token (4), id, token.
 */
record StreamHello(String migration, String token, int index, int count) {
    /** "PGFS" in ASCII. */
    static final int MAGIC = 0x53464750;

    static final int VERSION = 2;
    static final int MAX_STREAMS = 16;
    private static final int FIXED_BYTES = 24;
    private static final int MAX_TEXT_BYTES = 256;

    ByteBuffer encoded() {
        byte[] id = migration.getBytes(StandardCharsets.UTF_8);
        byte[] secret = token.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(FIXED_BYTES + id.length + secret.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(MAGIC)
                .putInt(VERSION)
                .putInt(index)
                .putInt(count)
                .putInt(id.length)
                .putInt(secret.length)
                .put(id)
                .put(secret)
                .flip();
    }

    /** @throws StreamException if it is none */
    static StreamHello read(ReadableByteChannel channel) throws IOException {
        ByteBuffer fixed = ByteBuffer.allocate(FIXED_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        StreamFrames.readFully(channel, fixed);
        if (fixed.getInt(0) != MAGIC || fixed.getInt(4) != VERSION) {
            throw new StreamException("what connected is no stream of version " + VERSION);
        }
        int index = fixed.getInt(8);
        int count = fixed.getInt(12);
        int idLength = fixed.getInt(16);
        int tokenLength = fixed.getInt(20);
        boolean isSmall =
                idLength >= 0 && idLength <= MAX_TEXT_BYTES && tokenLength >= 0 && tokenLength <= MAX_TEXT_BYTES;
        if (!isSmall || count < 1 || count > MAX_STREAMS || index < 0 || index >= count) {
            throw new StreamException("a stream's greeting is out of bounds");
        }
        ByteBuffer text = ByteBuffer.allocate(idLength + tokenLength);
        StreamFrames.readFully(channel, text);
        return new StreamHello(
                new String(text.array(), 0, idLength, StandardCharsets.UTF_8),
                new String(text.array(), idLength, tokenLength, StandardCharsets.UTF_8),
                index,
                count);
    }
}
