package io.pageferry.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.pageferry.nbd.CommandType;
import io.pageferry.nbd.NbdError;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ServerMetricsTest {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final ServerMetrics metrics = new ServerMetrics(registry);

    @Test
    void everyCounterIsPublishedUnderItsOwnName() {
        metrics.connectionOpened();
        metrics.connectionOpened();
        metrics.connectionClosed();
        metrics.connectionRefused();
        metrics.request(4711);
        metrics.request(CommandType.WRITE_ZEROES);
        metrics.bytesIn(4096);
        metrics.bytesOut(8192);
        metrics.error(NbdError.ENOSPC);

        assertThat(registry.scrape().lines())
                .contains(
                        "pageferry_nbd_connections 1.0",
                        "pageferry_nbd_connections_opened_total 2.0",
                        "pageferry_nbd_connections_refused_total 1.0",
                        "pageferry_nbd_requests_total{command=\"write_zeroes\"} 1.0",
                        "pageferry_nbd_requests_total{command=\"read\"} 0.0",
                        "pageferry_nbd_received_bytes_total 4096.0",
                        "pageferry_nbd_sent_bytes_total 8192.0",
                        "pageferry_nbd_errors_total{code=\"ENOSPC\"} 1.0",
                        "pageferry_nbd_errors_total{code=\"EIO\"} 0.0",
                        "pageferry_nbd_requests_total{command=\"unknown\"} 1.0");
    }

    @Test
    void aFlushFallsIntoEveryBucketThatIsWideEnough() {
        metrics.flushed(TimeUnit.MILLISECONDS.toNanos(7));

        assertThat(registry.scrape().lines())
                .contains(
                        "pageferry_nbd_flush_seconds_bucket{le=\"0.005\"} 0",
                        "pageferry_nbd_flush_seconds_bucket{le=\"0.01\"} 1",
                        "pageferry_nbd_flush_seconds_count 1");
    }
}
