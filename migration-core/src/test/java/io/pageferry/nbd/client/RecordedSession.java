package io.pageferry.nbd.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** What a real server said in one connection, and how much the client had said before each part of it. */
final class RecordedSession {
    /** Sent by the server after the client had sent so many bytes. */
    private static final class Part {
        private final int clientBytesBefore;
        private final byte[] bytes;

        Part(int clientBytesBefore, byte[] bytes) {
            this.clientBytesBefore = clientBytesBefore;
            this.bytes = bytes;
        }
    }

    private static final int REPLAY_WAIT_MS = 100;

    private final List<Part> parts = new ArrayList<>();

    /** Stands between one client connection and the server, and records; returns when either side is done. */
    void record(ServerSocket listening, int serverPort) throws IOException {
        try (Socket client = listening.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort)) {
            int[] fromClient = new int[1];
            Thread upstream = Thread.ofVirtual().start(() -> {
                try {
                    copy(client.getInputStream(), server.getOutputStream(), fromClient);
                    server.shutdownOutput();
                } catch (IOException e) {
                    // the session is over
                }
            });
            byte[] buffer = new byte[1 << 16];
            for (int count = server.getInputStream().read(buffer); count > 0; ) {
                synchronized (fromClient) {
                    parts.add(new Part(fromClient[0], Arrays.copyOf(buffer, count)));
                }
                client.getOutputStream().write(buffer, 0, count);
                count = server.getInputStream().read(buffer);
            }
            upstream.interrupt();
        }
    }

    private static void copy(InputStream in, OutputStream out, int[] counted) throws IOException {
        byte[] buffer = new byte[1 << 16];
        for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
            synchronized (counted) {
                counted[0] += count;
            }
            out.write(buffer, 0, count);
        }
    }

    /** The same session with random damage: bytes changed, lost, repeated or put in. */
    RecordedSession damaged(Random random) {
        RecordedSession damaged = new RecordedSession();
        damaged.parts.addAll(parts);
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            int index = random.nextInt(damaged.parts.size());
            Part part = damaged.parts.get(index);
            damaged.parts.set(index, new Part(part.clientBytesBefore, damage(part.bytes, random)));
        }
        return damaged;
    }

    private static byte[] damage(byte[] bytes, Random random) {
        if (bytes.length == 0) {
            return bytes;
        }
        // Most of what can be misunderstood is at the beginning; the rest is data.
        int at = random.nextInt(random.nextBoolean() ? Math.min(bytes.length, 64) : bytes.length);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, at);
        switch (random.nextInt(6)) {
            case 0 -> out.write(bytes[at] ^ (1 << random.nextInt(8)));
            case 1 -> out.write(0xff);
            case 2 -> {} // a byte is lost
            case 3 -> {
                return out.toByteArray(); // the rest is lost
            }
            case 4 -> {
                out.write(random.nextInt());
                out.write(bytes[at]);
            }
            default -> out.write(bytes, at, Math.min(bytes.length - at, 1 + random.nextInt(40))); // and again
        }
        int rest = Math.min(bytes.length, at + 1);
        out.write(bytes, rest, bytes.length - rest);
        return out.toByteArray();
    }

    /** Says it again to a client, in step with what the client sends. */
    void replay(Socket client) throws IOException {
        client.setSoTimeout(REPLAY_WAIT_MS);
        int received = 0;
        byte[] buffer = new byte[1 << 16];
        for (Part part : parts) {
            try {
                while (received < part.clientBytesBefore) {
                    int count = client.getInputStream().read(buffer);
                    if (count < 0) {
                        return;
                    }
                    received += count;
                }
            } catch (SocketTimeoutException e) {
                // the client waits for us: go on
            }
            client.getOutputStream().write(part.bytes);
        }
    }
}
