package io.pageferry.examples.kv;

import io.pageferry.partition.PartitionMemory;
import io.pageferry.partition.StandaloneMemory;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * Serves a scratch store to itself for a moment, so that a store that waits for its partition has its code loaded and
 * compiled when that arrives: its clients wait for the first answers, and an interpreter would need most of a second for
 * them.
 */
final class Rehearsal {
    private static final long MEMORY_BYTES = 16 << 20;
    private static final int CONNECTIONS = 8;
    private static final int BATCHES = 1500;
    private static final int PAIRS_PER_BATCH = 8;
    private static final int VALUE_BYTES = 64;

    private final byte[] value = "v".repeat(VALUE_BYTES).getBytes(StandardCharsets.US_ASCII);

    private Rehearsal() {}

    /** Returns when it is over, after some three seconds of processor time. */
    static void run() throws IOException {
        InetSocketAddress anywhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (StandaloneMemory scratch = StandaloneMemory.create("rehearsal", MEMORY_BYTES);
                KvServer server = KvServer.start(anywhere, "rehearsal", MEMORY_BYTES, KvServer.WALL_CLOCK)) {
            KvProgram program = new KvProgram(server);
            PartitionMemory memory = scratch.memory();
            program.resume(memory, new byte[0]);
            new Rehearsal().play(server.address());
            program.resume(memory, program.quiesce());
            new Rehearsal().play(server.address());
        }
    }

    private void play(InetSocketAddress address) throws IOException {
        Socket[] clients = new Socket[CONNECTIONS];
        for (int i = 0; i < CONNECTIONS; i++) {
            clients[i] = new Socket(address.getAddress(), address.getPort());
            clients[i].setTcpNoDelay(true);
        }
        try {
            for (int batch = 0; batch < BATCHES; batch++) {
                for (Socket client : clients) send(client.getOutputStream(), batch);
                for (Socket client : clients) receive(new DataInputStream(client.getInputStream()));
            }
        } finally {
            for (Socket client : clients) client.close();
        }
    }

    private void send(OutputStream out, int batch) throws IOException {
        StringBuilder requests = new StringBuilder();
        String text = new String(value, StandardCharsets.US_ASCII);
        for (int i = 0; i < PAIRS_PER_BATCH; i++) {
            String key = "key:%08d".formatted(batch * PAIRS_PER_BATCH + i);
            requests.append("*3\r\n$3\r\nSET\r\n$12\r\n")
                    .append(key)
                    .append("\r\n$64\r\n")
                    .append(text)
                    .append("\r\n");
            requests.append("*2\r\n$3\r\nGET\r\n$12\r\n").append(key).append("\r\n");
        }
        out.write(requests.toString().getBytes(StandardCharsets.US_ASCII));
    }

    private static void receive(DataInputStream in) throws IOException {
        int replyBytes = "+OK\r\n".length() + "$64\r\n".length() + VALUE_BYTES + "\r\n".length();
        in.readFully(new byte[PAIRS_PER_BATCH * replyBytes]);
    }
}
