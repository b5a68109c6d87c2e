package io.pageferry.server.control;

import io.pageferry.nbd.CommandType;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** The least that an NBD client can be: EXPORT_NAME, one request at a time, simple replies. */
final class MiniNbd implements AutoCloseable {
    private static final long OPTION_MAGIC = 0x49484156454F5054L;
    private static final int EXPORT_NAME = 1;
    private static final int FIXED_NEWSTYLE_NO_ZEROES = 3;
    private static final int REQUEST_MAGIC = 0x25609513;
    private static final int SIMPLE_REPLY_MAGIC = 0x67446698;
    private static final int READ_ONLY = 2;
    private static final int TIMEOUT_MS = 30_000;

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;
    private final boolean readOnly;

    /** Throws EOFException where the server refuses the export. */
    MiniNbd(InetSocketAddress server, String export) throws IOException {
        socket = new Socket(server.getAddress(), server.getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MS);
        in = new DataInputStream(socket.getInputStream());
        out = new DataOutputStream(socket.getOutputStream());
        in.skipNBytes(18);
        byte[] name = export.getBytes(StandardCharsets.UTF_8);
        out.writeInt(FIXED_NEWSTYLE_NO_ZEROES);
        out.writeLong(OPTION_MAGIC);
        out.writeInt(EXPORT_NAME);
        out.writeInt(name.length);
        out.write(name);
        out.flush();
        in.readLong();
        readOnly = (in.readUnsignedShort() & READ_ONLY) != 0;
    }

    boolean isReadOnly() {
        return readOnly;
    }

    /** The error of the reply, 0 for none. */
    int write(long offset, byte[] data) throws IOException {
        return request(CommandType.WRITE, offset, data.length, data);
    }

    int flush() throws IOException {
        return request(CommandType.FLUSH, 0, 0, new byte[0]);
    }

    private int request(int type, long offset, int length, byte[] payload) throws IOException {
        out.writeInt(REQUEST_MAGIC);
        out.writeShort(0);
        out.writeShort(type);
        out.writeLong(4711);
        out.writeLong(offset);
        out.writeInt(length);
        out.write(payload);
        out.flush();
        if (in.readInt() != SIMPLE_REPLY_MAGIC) {
            throw new IOException("not a simple reply");
        }
        int error = in.readInt();
        in.readLong();
        return error;
    }

    /** Whether the server has ended the connection. */
    boolean isDisconnected() throws IOException {
        try {
            return in.read() < 0;
        } catch (EOFException e) {
            return true;
        } catch (IOException e) {
            return String.valueOf(e.getMessage()).contains("reset");
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
