package io.pageferry.examples.kv.resp;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Collects replies in one array, in the version of the protocol that the client speaks. */
public final class ReplyWriter {
    private static final int USUAL_BYTES = 64 << 10;
    private static final int MAX_NUMBER_BYTES = 20;

    private byte[] data = new byte[USUAL_BYTES];
    private int size;
    private int protocol = 2;

    /** From now on, replies are for a client of this version: 2 or 3. */
    public void protocol(int version) {
        protocol = version;
    }

    public int sizeBytes() {
        return size;
    }

    /** Forgets what was written after a size: a command failed half-way through its reply. */
    public void cutTo(int sizeBytes) {
        size = sizeBytes;
    }

    /** Moves everything into a buffer. */
    public void drainTo(ByteBuf buffer) {
        buffer.writeBytes(data, 0, size);
        size = 0;
        if (data.length > USUAL_BYTES * 16) data = new byte[USUAL_BYTES];
    }

    public void ok() {
        simple("OK");
    }

    public void simple(String text) {
        line('+', text);
    }

    /** An error, from its code on, such as {@code ERR syntax error}. */
    public void error(String text) {
        line('-', text.replace('\r', ' ').replace('\n', ' '));
    }

    public void integer(long value) {
        header(':', value);
    }

    public void bulk(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        bulk(bytes, 0, bytes.length);
    }

    public void bulk(byte[] bytes, int at, int lengthBytes) {
        int position = reserveBulk(lengthBytes);
        System.arraycopy(bytes, at, data, position, lengthBytes);
    }

    /** Writes a bulk string whose bytes the caller puts into {@link #data} at the position returned. */
    public int reserveBulk(int lengthBytes) {
        header('$', lengthBytes);
        room(lengthBytes + 2);
        int position = size;
        size += lengthBytes;
        data[size++] = '\r';
        data[size++] = '\n';
        return position;
    }

    /** The array behind the replies, until the next write. */
    public byte[] data() {
        return data;
    }

    public void none() {
        if (protocol == 3) line('_', "");
        else line('$', "-1");
    }

    public void array(int count) {
        header('*', count);
    }

    /** A map of so many keys, each followed by its value; a flat array in version 2. */
    public void map(int count) {
        if (protocol == 3) header('%', count);
        else header('*', 2L * count);
    }

    private void line(char type, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        room(bytes.length + 3);
        data[size++] = (byte) type;
        System.arraycopy(bytes, 0, data, size, bytes.length);
        size += bytes.length;
        data[size++] = '\r';
        data[size++] = '\n';
    }

    private void header(char type, long value) {
        room(MAX_NUMBER_BYTES + 3);
        data[size++] = (byte) type;
        size += Decimal.write(value, data, size);
        data[size++] = '\r';
        data[size++] = '\n';
    }

    private void room(int bytes) {
        if (data.length - size < bytes) data = Arrays.copyOf(data, Math.max(size + bytes, 2 * data.length));
    }
}
