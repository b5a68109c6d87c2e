package io.pageferry.server.control;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.pageferry.server.catalog.Catalog;
import io.pageferry.server.direct.DirectServer;
import io.pageferry.server.metrics.ServerMetrics;
import io.pageferry.server.nbd.NbdServer;
import io.pageferry.server.pool.Pool;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/** The parts of a paging server that the control API shows and changes. It owns none of them. */
public record Managed(
        Path poolFolder,
        UUID identity,
        Pool pool,
        Catalog catalog,
        NbdServer nbd,
        Optional<DirectServer> direct,
        ServerMetrics metrics,
        PrometheusMeterRegistry registry) {}
