package io.pageferry.server.catalog;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of the journal, all little-endian; see "Catalog" in {@code docs/formats.md}. A header, then records: length
 * of the body, CRC32C of length and body, body. A body is a kind, the commit's number, and for a commit its changes.
 */
final class JournalFormat {
    static final int HEADER_BYTES = 24;
    /** A commit's body is at most so long. */
    static final int MAX_BODY_BYTES = 1 << 20;

    static final int MAX_CHANGES = 256;

    /** Changes, made durable as one. */
    static final byte COMMIT = 1;
    /** Says that the commit of this number was made durable and then acknowledged. */
    static final byte SETTLED = 2;

    private static final long MAGIC = 0x5046_4341_5441_0001L; // "PFCATA", version 1
    private static final int FRAME_BYTES = 8;
    private static final int SETTLED_BODY_BYTES = 9;
    private static final byte PUT = 1;
    private static final byte REMOVE = 2;

    /** One intact record; {@code changes} is empty unless it is a commit. */
    record Entry(byte kind, long number, List<Change> changes, int end) {}

    private JournalFormat() {}

    /** The header: magic and version, the number of the first commit, CRC32C of both. */
    static ByteBuffer header(long firstNumber) {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(MAGIC).putLong(firstNumber);
        header.putLong(crc(header.array(), 0, header.position()));
        return header.flip();
    }

    /** The number of the first commit; -1 where the header is none. */
    static long readHeader(byte[] file) {
        if (file.length < HEADER_BYTES) {
            return -1;
        }
        ByteBuffer header = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        boolean intact = header.getLong(0) == MAGIC && header.getLong(16) == crc(file, 0, 16);
        return intact ? header.getLong(8) : -1;
    }

    static ByteBuffer commit(long number, List<Change> changes) {
        ByteBuffer record =
                ByteBuffer.allocate(FRAME_BYTES + commitBytes(changes)).order(ByteOrder.LITTLE_ENDIAN);
        record.position(FRAME_BYTES).put(COMMIT).putLong(number).putShort((short) changes.size());
        for (Change change : changes) {
            byte[] key = change.key().getBytes(StandardCharsets.UTF_8);
            record.put(change instanceof Change.Put ? PUT : REMOVE)
                    .put((byte) key.length)
                    .put(key);
            if (change instanceof Change.Put put) {
                record.putInt(put.value().length).put(put.value());
            }
        }
        return frame(record);
    }

    /** The length of a commit's body. */
    static int commitBytes(List<Change> changes) {
        int bytes = SETTLED_BODY_BYTES + Short.BYTES;
        for (Change change : changes) {
            bytes += 2 + change.key().getBytes(StandardCharsets.UTF_8).length;
            bytes += change instanceof Change.Put put ? Integer.BYTES + put.value().length : 0;
        }
        return bytes;
    }

    static ByteBuffer settled(long number) {
        ByteBuffer record =
                ByteBuffer.allocate(FRAME_BYTES + SETTLED_BODY_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        record.position(FRAME_BYTES).put(SETTLED).putLong(number);
        return frame(record);
    }

    private static ByteBuffer frame(ByteBuffer record) {
        int bodyBytes = record.position() - FRAME_BYTES;
        record.putInt(0, bodyBytes);
        byte[] bytes = new byte[record.position()];
        record.get(0, bytes);
        record.putInt(4, (int) frameCrc(bytes, 0, bodyBytes));
        return record.flip();
    }

    /** The record that begins at an offset; null where there is no intact one. */
    static @Nullable Entry read(byte[] file, int at) {
        if (file.length - at < FRAME_BYTES + SETTLED_BODY_BYTES) {
            return null;
        }
        ByteBuffer buffer = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int bodyBytes = buffer.getInt(at);
        if (bodyBytes < SETTLED_BODY_BYTES
                || bodyBytes > MAX_BODY_BYTES
                || bodyBytes > file.length - at - FRAME_BYTES
                || buffer.getInt(at + 4) != (int) frameCrc(file, at, bodyBytes)) {
            return null;
        }
        int end = at + FRAME_BYTES + bodyBytes;
        ByteBuffer body = buffer.position(at + FRAME_BYTES).limit(end);
        byte kind = body.get();
        return new Entry(kind, body.getLong(), kind == COMMIT ? readChanges(body) : List.of(), end);
    }

    private static List<Change> readChanges(ByteBuffer body) {
        int count = Short.toUnsignedInt(body.getShort());
        List<Change> changes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            byte operation = body.get();
            String key = new String(take(body, Byte.toUnsignedInt(body.get())), StandardCharsets.UTF_8);
            changes.add(operation == PUT ? Change.put(key, take(body, body.getInt())) : Change.remove(key));
        }
        return changes;
    }

    private static byte[] take(ByteBuffer from, int length) {
        byte[] bytes = new byte[length];
        from.get(bytes);
        return bytes;
    }

    /** Over the length and the body, which lie around the checksum. */
    private static long frameCrc(byte[] file, int at, int bodyBytes) {
        CRC32C crc = new CRC32C();
        crc.update(file, at, Integer.BYTES);
        crc.update(file, at + FRAME_BYTES, bodyBytes);
        return crc.getValue();
    }

    private static long crc(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return crc.getValue();
    }
}
