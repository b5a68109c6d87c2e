package io.pageferry.attach;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.Errno;
import io.pageferry.linux.LinuxException;
import io.pageferry.linux.PeerCredentials;
import io.pageferry.linux.UnixSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Messages and descriptors over one Unix socket. Any thread may send; one thread receives. */
public final class MessageChannel implements AutoCloseable {
    /** A message, and as many descriptors as its {@code descriptors} field says; the receiver owns them. */
    public record Received(Message message, List<Descriptor> descriptors) {}

    private final UnixSocket socket;
    private final List<Descriptor> pending = new ArrayList<>();
    private final byte[] buffer = new byte[Message.MAX_LINE_BYTES];
    private int buffered;

    public MessageChannel(UnixSocket socket) {
        this.socket = socket;
    }

    public PeerCredentials peer() {
        return socket.peer();
    }

    /**
     * Sends one message; the caller keeps its descriptors.
     *
     * @throws AttachLostException if the peer has gone
     */
    public synchronized void send(Message message, List<Descriptor> descriptors) {
        Message complete = descriptors.isEmpty() ? message : message.with("descriptors", descriptors.size());
        try {
            socket.send(complete.toBytes(), descriptors);
        } catch (LinuxException failure) {
            if (failure.errno() != Errno.EPIPE && failure.errno() != Errno.ECONNRESET) throw failure;
            throw new AttachLostException("the peer has closed the connection", failure);
        } catch (IllegalStateException closed) {
            throw new AttachLostException("the connection is closed", closed);
        }
    }

    /**
     * Waits for the next message; empty once the peer has gone or this end was shut down.
     *
     * @throws ProtocolException if what came is not a message
     */
    public Optional<Received> receive() {
        while (true) {
            int newline = indexOfNewline();
            if (newline >= 0) return Optional.of(take(newline));
            if (buffered == buffer.length) {
                throw new ProtocolException("a line is longer than " + Message.MAX_LINE_BYTES + " bytes");
            }
            byte[] chunk = new byte[buffer.length - buffered];
            int received = socket.receive(chunk, pending);
            if (received < 0) return Optional.empty();
            // Else a peer could fill this process's descriptor table with what no message claims.
            if (pending.size() > UnixSocket.MAX_DESCRIPTORS) {
                throw new ProtocolException(
                        "more than " + UnixSocket.MAX_DESCRIPTORS + " descriptors without a message");
            }
            System.arraycopy(chunk, 0, buffer, buffered, received);
            buffered += received;
        }
    }

    /** Ends both directions; the thread in {@link #receive} returns. */
    public void shutdown() {
        socket.shutdown();
    }

    /** Closes the socket and what was received and not taken; for the thread that receives, or after it ended. */
    @Override
    public void close() {
        socket.shutdown();
        // A thread that still sends has failed by now, and none must meet another file under the socket's number.
        synchronized (this) {
            socket.close();
        }
        pending.forEach(Descriptor::close);
        pending.clear();
    }

    private int indexOfNewline() {
        for (int i = 0; i < buffered; i++) {
            if (buffer[i] == '\n') return i;
        }
        return -1;
    }

    private Received take(int newline) {
        String line = new String(buffer, 0, newline, StandardCharsets.UTF_8);
        buffered -= newline + 1;
        System.arraycopy(buffer, newline + 1, buffer, 0, buffered);
        Message message = Message.parse(line);
        long count = message.number("descriptors", 0);
        // The kernel hands out a message's descriptors with its first byte, so they are here before its newline.
        if (count < 0 || count > pending.size()) {
            throw new ProtocolException(
                    message.verb() + " says " + count + " descriptors, " + pending.size() + " came");
        }
        List<Descriptor> first = pending.subList(0, (int) count);
        List<Descriptor> own = List.copyOf(first);
        first.clear();
        return new Received(message, own);
    }
}
