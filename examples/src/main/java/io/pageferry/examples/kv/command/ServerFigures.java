package io.pageferry.examples.kv.command;

/** What INFO says about the process around the store. */
public interface ServerFigures {
    int port();

    int connectedClients();

    long connectionsReceived();

    long commandsProcessed();

    long uptimeSeconds();

    /** The partition's name, or {@code standalone}. */
    String partition();

    /** The partition memory in bytes. */
    long memoryBytes();
}
