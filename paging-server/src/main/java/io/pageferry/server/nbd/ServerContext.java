package io.pageferry.server.nbd;

import io.pageferry.server.metrics.ServerMetrics;

/** What all connections of one server share. */
record ServerContext(
        NbdServerOptions options,
        Exports exports,
        SpaceConnections connections,
        Workers workers,
        ByteBudget bufferedWrites,
        ServerMetrics metrics) {}
