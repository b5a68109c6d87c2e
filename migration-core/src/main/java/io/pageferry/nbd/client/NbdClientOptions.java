package io.pageferry.nbd.client;

import io.pageferry.nbd.MetaContexts;
import java.time.Duration;
import java.util.List;

/**
 * How a client uses a server.
 *
 * @param connections connections for bulk requests; one where the server does not announce multi-conn
 * @param urgentLane whether one more connection is kept for urgent reads (with multi-conn only)
 * @param maxRequests bulk requests in flight, over all connections; more make the caller wait
 * @param maxBytes data of the bulk requests in flight, in bytes; more makes the caller wait
 * @param handshakeLimit how long connecting and the handshake may take
 * @param reconnectLimit how long a lost server may stay away before the client gives up
 * @param stallLimit how long requests may be in flight without the server sending or taking anything
 * @param contexts the metadata contexts to ask for; the server may lack some
 */
public record NbdClientOptions(
        int connections,
        boolean urgentLane,
        int maxRequests,
        long maxBytes,
        Duration handshakeLimit,
        Duration reconnectLimit,
        Duration stallLimit,
        List<String> contexts) {
    /** What suits an agent: 4 connections and an urgent one, 256 requests or 64 MiB in flight, 30 s to reconnect. */
    public static final NbdClientOptions DEFAULT = new NbdClientOptions(
            4,
            true,
            256,
            64 << 20,
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(60),
            List.of(MetaContexts.BASE_ALLOCATION, MetaContexts.WRITTEN_SINCE));

    /** Checks the ranges. */
    public NbdClientOptions {
        contexts = List.copyOf(contexts);
        if (connections < 1 || maxRequests < 1 || maxBytes < 1) {
            throw new IllegalArgumentException("connections, maxRequests and maxBytes are 1 or more");
        }
    }

    /** The same with this many connections, and with or without an urgent one beside them. */
    public NbdClientOptions withConnections(int count, boolean urgent) {
        return new NbdClientOptions(
                count, urgent, maxRequests, maxBytes, handshakeLimit, reconnectLimit, stallLimit, contexts);
    }

    /** The same with these limits of what is in flight. */
    public NbdClientOptions withInFlight(int requests, long bytes) {
        return new NbdClientOptions(
                connections, urgentLane, requests, bytes, handshakeLimit, reconnectLimit, stallLimit, contexts);
    }

    /** The same with these limits of time. */
    public NbdClientOptions withTimeLimits(Duration handshake, Duration reconnect, Duration stall) {
        return new NbdClientOptions(
                connections, urgentLane, maxRequests, maxBytes, handshake, reconnect, stall, contexts);
    }

    /** The same with these metadata contexts. */
    public NbdClientOptions withContexts(List<String> names) {
        return new NbdClientOptions(
                connections, urgentLane, maxRequests, maxBytes, handshakeLimit, reconnectLimit, stallLimit, names);
    }
}
