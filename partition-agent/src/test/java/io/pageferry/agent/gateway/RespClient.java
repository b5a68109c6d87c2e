package io.pageferry.agent.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A client that writes and reads bytes of the Redis protocol when a test says so. */
final class RespClient implements AutoCloseable {
    private final Socket socket = new Socket();
    private final DataInputStream in;

    private RespClient(int port, int receiveBufferBytes) throws IOException {
        if (receiveBufferBytes > 0) socket.setReceiveBufferSize(receiveBufferBytes);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.setSoTimeout(30_000);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 10));
    }

    static RespClient connect(int port) throws IOException {
        return new RespClient(port, 0);
    }

    /** One whose replies soon fill what there is to hold them, unless it reads. */
    static RespClient small(int port) throws IOException {
        return new RespClient(port, 16 << 10);
    }

    static String request(String... words) {
        StringBuilder request = new StringBuilder("*" + words.length + "\r\n");
        Arrays.stream(words)
                .forEach(word -> request.append(new String(ScriptedStore.bulk(word), StandardCharsets.ISO_8859_1)));
        return request.toString();
    }

    void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** The next reply, with its type but without line ends; of a bulk string the content alone. */
    String reply() throws IOException {
        String head = line();
        if (!head.startsWith("$")) return head;
        byte[] value = new byte[Integer.parseInt(head.substring(1))];
        in.readFully(value);
        assertThat(line()).isEmpty();
        return new String(value, StandardCharsets.ISO_8859_1);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.readUnsignedByte(); next != '\n'; next = in.readUnsignedByte()) {
            if (next != '\r') line.append((char) next);
        }
        return line.toString();
    }

    /** Whether the other side ends the connection now, and sends nothing before. */
    boolean isEnded() throws IOException {
        return in.read() < 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
