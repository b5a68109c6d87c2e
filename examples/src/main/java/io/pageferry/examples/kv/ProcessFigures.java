package io.pageferry.examples.kv;

import io.pageferry.examples.kv.command.ServerFigures;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** What INFO says about this process. They begin anew where the partition arrives: none of them is part of its state. */
final class ProcessFigures implements ServerFigures {
    private final Connections connections;
    private final String partition;
    private final long memoryBytes;
    private final long startedNs = System.nanoTime();
    private final AtomicLong connected = new AtomicLong();
    private volatile int port;

    ProcessFigures(Connections connections, String partition, long memoryBytes) {
        this.connections = connections;
        this.partition = partition;
        this.memoryBytes = memoryBytes;
    }

    /** Counts a connection. @return its number */
    long connected() {
        return connected.incrementAndGet();
    }

    void listening(int at) {
        port = at;
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public int connectedClients() {
        return connections.openCount();
    }

    @Override
    public long connectionsReceived() {
        return connected.get();
    }

    @Override
    public long commandsProcessed() {
        return connections.commandsProcessed();
    }

    @Override
    public long uptimeSeconds() {
        return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startedNs);
    }

    @Override
    public String partition() {
        return partition;
    }

    @Override
    public long memoryBytes() {
        return memoryBytes;
    }
}
