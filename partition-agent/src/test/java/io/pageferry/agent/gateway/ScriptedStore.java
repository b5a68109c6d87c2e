package io.pageferry.agent.gateway;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A store of which a test decides what it answers; it keeps what it was asked, in order. */
final class ScriptedStore implements AutoCloseable {
    /** What to answer. */
    interface Script {
        /** Bytes, or null for nothing at all. */
        byte @Nullable [] answer(List<String> words);
    }

    private final ServerSocket listener;
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final List<Socket> connections = new CopyOnWriteArrayList<>();
    private final AtomicLong answeredBytes = new AtomicLong();
    private final Script script;

    ScriptedStore(Script script) throws IOException {
        this.script = script;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    /** Answers each request with its last word, as a bulk string. */
    static ScriptedStore echoing() throws IOException {
        return new ScriptedStore(words -> bulk(words.getLast()));
    }

    static byte[] bulk(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return ("$" + bytes.length + "\r\n" + text + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    int port() {
        return listener.getLocalPort();
    }

    List<String> asked() {
        return List.copyOf(asked);
    }

    long answeredBytes() {
        return answeredBytes.get();
    }

    /** Ends every connection as a program does that departs: no more output, input thrown away. */
    void depart() throws IOException {
        listener.close();
        for (Socket one : connections) one.shutdownOutput();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                connections.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            OutputStream out = socket.getOutputStream();
            while (true) {
                List<String> words = read(in);
                asked.add(words.getLast());
                byte @Nullable [] answer = script.answer(words);
                if (answer == null) continue;
                out.write(answer);
                answeredBytes.addAndGet(answer.length);
            }
        } catch (IOException closed) {
            // The gateway has gone.
        }
    }

    private static List<String> read(DataInputStream in) throws IOException {
        String line = line(in);
        if (!line.startsWith("*")) return List.of(line.split(" ", -1));
        List<String> words = new ArrayList<>();
        int count = Integer.parseInt(line.substring(1));
        for (int i = 0; i < count; i++) {
            byte[] word = new byte[Integer.parseInt(line(in).substring(1))];
            in.readFully(word);
            line(in);
            words.add(new String(word, StandardCharsets.ISO_8859_1));
        }
        return words;
    }

    private static String line(DataInputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.readUnsignedByte(); next != '\n'; next = in.readUnsignedByte()) {
            if (next != '\r') line.append((char) next);
        }
        return line.toString();
    }

    /** Ends as a process does that is killed. */
    void die() throws IOException {
        listener.close();
        for (Socket one : connections) one.close();
    }

    @Override
    public void close() throws IOException {
        die();
    }
}
