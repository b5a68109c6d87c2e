package io.pageferry.server.nbd;

import io.pageferry.nbd.CommandType;
import io.pageferry.nbd.NbdMagic;
import io.pageferry.nbd.NbdOption;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client that sends exactly what a test tells it to, whether the protocol allows it or not. */
final class RawClient implements AutoCloseable {
    private static final int TIMEOUT_MS = 30_000;

    private final Socket socket = new Socket();
    final DataInputStream in;
    final DataOutputStream out;

    /** A reply to an option. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record OptionAnswer(int type, byte[] data) {
        String text() {
            return new String(data, StandardCharsets.UTF_8);
        }
    }

    /** A simple reply, or one chunk of a structured one. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Reply(boolean structured, int flags, int type, int error, long cookie, byte[] payload) {}

    RawClient(InetSocketAddress address) throws IOException {
        socket.setReceiveBufferSize(64 << 10);
        socket.connect(address);
        socket.setSoTimeout(TIMEOUT_MS);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
        out = new DataOutputStream(socket.getOutputStream());
    }

    /** Connected, greeted, client flags sent. */
    static RawClient greeted(InetSocketAddress address) throws IOException {
        RawClient client = new RawClient(address);
        client.in.readNBytes(18);
        client.out.writeInt(3);
        return client;
    }

    /** In the transmission phase, with simple or structured replies. */
    static RawClient open(InetSocketAddress address, String export, boolean structured) throws IOException {
        RawClient client = greeted(address);
        if (structured) {
            client.option(NbdOption.STRUCTURED_REPLY.code(), new byte[0]);
            client.answer();
        }
        client.go(export);
        return client;
    }

    void go(String export) throws IOException {
        byte[] name = export.getBytes(StandardCharsets.UTF_8);
        out.writeLong(NbdMagic.I_HAVE_OPT);
        out.writeInt(NbdOption.GO.code());
        out.writeInt(6 + name.length);
        out.writeInt(name.length);
        out.write(name);
        out.writeShort(0);
        OptionAnswer answer = answer();
        while (answer.type() == 3) {
            answer = answer();
        }
        if (answer.type() != 1) {
            throw new IOException("refused: " + answer.text());
        }
    }

    void option(int code, byte[] data) throws IOException {
        out.writeLong(NbdMagic.I_HAVE_OPT);
        out.writeInt(code);
        out.writeInt(data.length);
        out.write(data);
    }

    OptionAnswer answer() throws IOException {
        if (in.readLong() != NbdMagic.OPTION_REPLY) {
            throw new IOException("no option reply");
        }
        in.readInt();
        int type = in.readInt();
        return new OptionAnswer(type, in.readNBytes(in.readInt()));
    }

    void request(int flags, int type, long cookie, long offset, long length) throws IOException {
        out.writeInt(NbdMagic.REQUEST);
        out.writeShort(flags);
        out.writeShort(type);
        out.writeLong(cookie);
        out.writeLong(offset);
        out.writeInt((int) length);
    }

    /** Writes and takes the reply; returns the error. */
    int write(long offset, byte[] data) throws IOException {
        request(0, CommandType.WRITE, 1, offset, data.length);
        out.write(data);
        return reply(0).error();
    }

    /** Reads with a simple reply. */
    byte[] read(long offset, int length) throws IOException {
        request(0, CommandType.READ, 2, offset, length);
        Reply reply = reply(length);
        if (reply.error() != 0) {
            throw new IOException("error " + reply.error());
        }
        return reply.payload();
    }

    /** A command without data; returns the error of its reply. */
    int command(int flags, int type, long offset, long length) throws IOException {
        request(flags, type, 3, offset, length);
        return reply(0).error();
    }

    /** The next reply; {@code simplePayload} is what follows a simple reply without an error. */
    Reply reply(int simplePayload) throws IOException {
        int magic = in.readInt();
        if (magic == NbdMagic.SIMPLE_REPLY) {
            int error = in.readInt();
            long cookie = in.readLong();
            return new Reply(false, 1, 0, error, cookie, in.readNBytes(error == 0 ? simplePayload : 0));
        }
        if (magic != NbdMagic.STRUCTURED_REPLY) {
            throw new IOException("no reply: " + Integer.toHexString(magic));
        }
        int flags = in.readUnsignedShort();
        int type = in.readUnsignedShort();
        long cookie = in.readLong();
        byte[] payload = in.readNBytes(in.readInt());
        int error = type >= 0x8000 ? java.nio.ByteBuffer.wrap(payload).getInt() : 0;
        return new Reply(true, flags, type, error, cookie, payload);
    }

    /** Whether the server has closed the connection; waits for it. */
    boolean isClosedByServer() throws IOException {
        try {
            while (in.read() >= 0) {}
            return true;
        } catch (java.net.SocketException reset) {
            return true;
        } catch (java.net.SocketTimeoutException open) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
