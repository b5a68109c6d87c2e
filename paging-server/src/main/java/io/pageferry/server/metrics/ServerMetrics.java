package io.pageferry.server.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.pageferry.nbd.CommandType;
import io.pageferry.nbd.NbdError;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
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
    private final LongAdder[] requests = new LongAdder[CommandType.BLOCK_STATUS + 1];
    private final LongAdder unknownRequests = new LongAdder();
    private final Map<NbdError, LongAdder> errors = new EnumMap<>(NbdError.class);
    private final Timer flushes;

    /** Counts, and publishes into {@code registry}. */
    public ServerMetrics(MeterRegistry registry) {
        Arrays.setAll(requests, commandType -> new LongAdder());
        for (NbdError error : NbdError.values()) {
            errors.put(error, new LongAdder());
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

    /** A request, counted when its header is read, whatever becomes of it; the type is one of {@link CommandType} or unknown. */
    public void request(int commandType) {
        boolean known = commandType >= 0 && commandType < requests.length;
        (known ? requests[commandType] : unknownRequests).increment();
    }

    /** Payload that a client wrote, in bytes. */
    public void bytesIn(long sizeBytes) {
        bytesIn.add(sizeBytes);
    }

    /** Payload that a client read, in bytes. */
    public void bytesOut(long sizeBytes) {
        bytesOut.add(sizeBytes);
    }

    /** An error reply. */
    public void error(NbdError error) {
        LongAdder adder = errors.get(error);
        if (adder == null) {
            throw new AssertionError("every error has its counter: " + error);
        }
        adder.increment();
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
        for (int commandType = 0; commandType < requests.length; commandType++) {
            publishRequests(registry, labelOf(commandType), requests[commandType]);
        }
        publishRequests(registry, "unknown", unknownRequests);
        errors.forEach((error, adder) -> FunctionCounter.builder("pageferry.nbd.errors", adder, LongAdder::sum)
                .tag("code", error.name())
                .description("NBD error replies by error value")
                .register(registry));
    }

    private static void publishRequests(MeterRegistry registry, String label, LongAdder adder) {
        FunctionCounter.builder("pageferry.nbd.requests", adder, LongAdder::sum)
                .tag("command", label)
                .description("NBD requests by command")
                .register(registry);
    }

    private static String labelOf(int commandType) {
        return CommandType.nameOf(commandType).replace("NBD_CMD_", "").toLowerCase(Locale.ROOT);
    }

    private static void publish(MeterRegistry registry, String name, String description, LongAdder adder) {
        FunctionCounter.builder(name, adder, LongAdder::sum)
                .description(description)
                .register(registry);
    }
}
