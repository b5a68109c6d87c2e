package io.pageferry.examples.load;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import redis.clients.jedis.Jedis;

/**
 * One connection that sends requests at fixed times. A request that must wait for the one before it counts from the time it
 * was due, so that a stall is seen by all that it holds up.
 */
final class PacedClient implements Runnable {
    /** What the load is now: requests a second on this connection, and the share of writes among them. */
    record Pace(double requestsPerSecond, double writeShare) {}

    private static final long IDLE_NS = 1_000_000;

    private final Jedis connection;
    private final Zipf keys;
    private final Random random;
    private final byte[] value;
    private final Latencies latencies = new Latencies();
    private volatile Pace pace = new Pace(0, 0);
    private volatile boolean stopped;
    private long requests;

    PacedClient(Jedis connection, Zipf keys, int valueBytes, long seed) {
        this.connection = connection;
        this.keys = keys;
        this.random = new Random(seed);
        this.value = new byte[valueBytes];
        random.nextBytes(value);
    }

    static byte[] key(long number) {
        return ("user" + number).getBytes(StandardCharsets.US_ASCII);
    }

    void pace(Pace now) {
        pace = now;
    }

    void stop() {
        stopped = true;
    }

    Latencies latencies() {
        return latencies;
    }

    synchronized long requests() {
        return requests;
    }

    @Override
    public void run() {
        long dueNs = nowNs();
        while (!stopped) {
            Pace now = pace;
            if (now.requestsPerSecond == 0) {
                LockSupport.parkNanos(IDLE_NS);
                dueNs = nowNs();
                continue;
            }
            dueNs += (long) (1e9 / now.requestsPerSecond);
            for (long early = dueNs - nowNs(); early > 0; early = dueNs - nowNs()) LockSupport.parkNanos(early);
            request(now.writeShare);
            latencies.add(dueNs, nowNs() - dueNs);
        }
    }

    private void request(double writeShare) {
        byte[] key = key(keys.next(random));
        if (random.nextDouble() < writeShare) {
            value[random.nextInt(value.length)]++;
            connection.set(key, value);
        } else {
            connection.get(key);
        }
        synchronized (this) {
            requests++;
        }
    }

    private static long nowNs() {
        Instant now = Clock.systemUTC().instant();
        return now.getEpochSecond() * 1_000_000_000 + now.getNano();
    }
}
