package io.pageferry.agent.gateway;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
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
    private final List<Connection> connections = new CopyOnWriteArrayList<>();
    private final AtomicLong answeredBytes = new AtomicLong();
    private final Script script;

    private record Connection(Socket socket, ReentrantLock writes) {}

    ScriptedStore(Script script) throws IOException {
        this(script, 0);
    }

    ScriptedStore(Script script, int port) throws IOException {
        this.script = script;
        this.listener = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
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
        for (Connection one : connections) one.socket().shutdownOutput();
    }

    /** As {@link #depart}, but waits so long for replies that are not out, and cuts off who does not take them. */
    void departPatiently(Duration patience) throws IOException, InterruptedException {
        listener.close();
        for (Connection one : connections) {
            if (one.writes().tryLock(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                // It may have been closed from the other side by now.
                if (!one.socket().isClosed()) one.socket().shutdownOutput();
                one.writes().unlock();
            } else {
                cut(one.socket());
            }
        }
    }

    /** Takes no new connections; those that there are stay open. */
    void stopListening() throws IOException {
        listener.close();
    }

    /** Cuts every connection off, by a reset. */
    void cut() throws IOException {
        listener.close();
        for (Connection one : connections) cut(one.socket());
    }

    private static void cut(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                Connection connection = new Connection(socket, new ReentrantLock());
                connections.add(connection);
                Thread.ofVirtual().start(() -> serve(connection));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private void serve(Connection connection) {
        try (Socket socket = connection.socket()) {
            DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            OutputStream out = socket.getOutputStream();
            while (true) {
                List<String> words = read(in);
                asked.add(words.getLast());
                // What is carried out is answered before the connection ends.
                connection.writes().lock();
                try {
                    byte @Nullable [] answer = script.answer(words);
                    if (answer == null) continue;
                    out.write(answer);
                    answeredBytes.addAndGet(answer.length);
                } finally {
                    connection.writes().unlock();
                }
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
        for (Connection one : connections) one.socket().close();
    }

    @Override
    public void close() throws IOException {
        die();
    }
}
