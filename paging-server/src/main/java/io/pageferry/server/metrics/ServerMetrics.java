package io.pageferry.server.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * The counters of the data path. Each call is one {@link LongAdder} addition and allocates nothing, so that it may stand in
 * the path of every request; the registry reads the sums only when somebody asks for /metrics. All methods are thread-safe.
 */
public final class ServerMetrics {
    private static final Duration[] FLUSH_BUCKETS = {
        Duration.ofNanos(100_000),
        Duration.ofMillis(1),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5)
    };

    private final LongAdder connectionsOpened = new LongAdder();
    private final LongAdder connectionsClosed = new LongAdder();
    private final LongAdder connectionsRefused = new LongAdder();
    private final LongAdder bytesIn = new LongAdder();
    private final LongAdder bytesOut = new LongAdder();
    private final Map<RequestKind, LongAdder> requests = new EnumMap<>(RequestKind.class);
    private final Map<NbdErrorKind, LongAdder> errors = new EnumMap<>(NbdErrorKind.class);
    private final Timer flushes;

    /** Counts, and publishes into {@code registry}. */
    public ServerMetrics(MeterRegistry registry) {
        for (RequestKind kind : RequestKind.values()) {
            requests.put(kind, new LongAdder());
        }
        for (NbdErrorKind kind : NbdErrorKind.values()) {
            errors.put(kind, new LongAdder());
        }
        flushes = Timer.builder("pageferry.nbd.flush")
                .description("Time to make a space durable, a FLUSH or a write with FUA")
                .serviceLevelObjectives(FLUSH_BUCKETS)
                .register(registry);
        publish(registry);
    }

    /** Counters that nobody publishes, for tests and benchmarks of the data path alone. */
    public static ServerMetrics unpublished() {
        return new ServerMetrics(new SimpleMeterRegistry());
    }

    public void connectionOpened() {
        connectionsOpened.increment();
    }

    public void connectionClosed() {
        connectionsClosed.increment();
    }

    /** A connection turned away because the limit is reached. */
    public void connectionRefused() {
        connectionsRefused.increment();
    }

    /** A request, counted when its header is read, whatever becomes of it. */
    public void request(RequestKind kind) {
        counterOf(requests, kind).increment();
    }

    /** Payload that a client wrote, in bytes. */
    public void bytesIn(long sizeBytes) {
        bytesIn.add(sizeBytes);
    }

    /** Payload that a client read, in bytes. */
    public void bytesOut(long sizeBytes) {
        bytesOut.add(sizeBytes);
    }

    /** An error reply, with the value as it goes over the wire (NBD_EPERM is 1). */
    public void error(int nbdError) {
        counterOf(errors, NbdErrorKind.of(nbdError)).increment();
    }

    /** A FLUSH, or a write with FUA, made durable in {@code durationNs}. */
    public void flushed(long durationNs) {
        flushes.record(durationNs, TimeUnit.NANOSECONDS);
    }

    /** How many connections are open now. */
    public long openConnections() {
        // Closed is read first: a connection that opens and closes between the reads must not make the figure negative.
        long closed = connectionsClosed.sum();
        return connectionsOpened.sum() - closed;
    }

    private void publish(MeterRegistry registry) {
        Gauge.builder("pageferry.nbd.connections", this, ServerMetrics::openConnections)
                .description("NBD connections that are open")
                .register(registry);
        publish(registry, "pageferry.nbd.connections.opened", "NBD connections accepted", connectionsOpened);
        publish(
                registry,
                "pageferry.nbd.connections.refused",
                "NBD connections refused at the limit",
                connectionsRefused);
        publish(registry, "pageferry.nbd.received.bytes", "Payload written by clients", bytesIn);
        publish(registry, "pageferry.nbd.sent.bytes", "Payload read by clients", bytesOut);
        requests.forEach((kind, adder) -> FunctionCounter.builder("pageferry.nbd.requests", adder, LongAdder::sum)
                .tag("command", kind.label())
                .description("NBD requests by command")
                .register(registry));
        errors.forEach((kind, adder) -> FunctionCounter.builder("pageferry.nbd.errors", adder, LongAdder::sum)
                .tag("code", kind.name())
                .description("NBD error replies by error value")
                .register(registry));
    }

    private static void publish(MeterRegistry registry, String name, String description, LongAdder adder) {
        FunctionCounter.builder(name, adder, LongAdder::sum)
                .description(description)
                .register(registry);
    }

    private static <K extends Enum<K>> LongAdder counterOf(Map<K, LongAdder> adders, K kind) {
        LongAdder adder = adders.get(kind);
        if (adder == null) {
            throw new AssertionError("every kind has its counter: " + kind);
        }
        return adder;
    }
}
