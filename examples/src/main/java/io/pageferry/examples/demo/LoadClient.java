package io.pageferry.examples.demo;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import redis.clients.jedis.Jedis;

/**
 * One client under a mixed load: half reads of the data, which it checks, a quarter increments of a counter of its own, a
 * quarter writes of values of its own. Knows what was acknowledged.
 */
final class LoadClient implements Runnable {
    private static final int OWN_VALUES = 200;
    private static final int MAX_OWN_BYTES = 8 << 10;

    private final Jedis connection;
    private final int number;
    private final DataSet data;
    private final List<String> keys;
    private final AtomicBoolean stop;
    private final Random random;
    private final long[] versions = new long[OWN_VALUES];
    private final int[] sizes = new int[OWN_VALUES];
    private final Stalls stalls = new Stalls();
    private volatile long operations;
    private long counter;
    private volatile String failure = "";

    LoadClient(Jedis connection, int number, DataSet data, List<String> keys, AtomicBoolean stop) {
        this.connection = connection;
        this.number = number;
        this.data = data;
        this.keys = keys;
        this.stop = stop;
        this.random = new Random(number);
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // only this client's thread counts; others read
    public void run() {
        try {
            while (!stop.get() && failure.isEmpty()) {
                stalls.begin();
                operate();
                stalls.end();
                operations++;
            }
        } catch (Throwable error) {
            // Whatever it is: a reply out of order may show as a cast that fails.
            failure = "client " + number + ": " + error;
        }
    }

    private void operate() {
        switch (random.nextInt(4)) {
            case 0 -> increment();
            case 1 -> write(random.nextInt(OWN_VALUES));
            default -> read(keys.get(random.nextInt(keys.size())));
        }
    }

    private void increment() {
        long answer = connection.incr("counter:" + number);
        counter++;
        if (answer != counter) failure = "counter " + number + " is " + answer + ", acknowledged were " + counter;
    }

    private void write(int slot) {
        long version = versions[slot] + 1;
        int size = 16 + random.nextInt(MAX_OWN_BYTES);
        connection.set(DataSet.bytes(ownKey(slot)), ownValue(slot, version, size));
        versions[slot] = version;
        sizes[slot] = size;
    }

    private void read(String key) {
        byte[] value = connection.get(DataSet.bytes(key));
        if (value == null
                || !Arrays.equals(DataSet.sha256(value), data.digests().get(key))) {
            failure = "value of " + key + (value == null ? " is gone" : " is wrong");
        }
    }

    /** After the load: checks the counter and every own value against what was acknowledged; returns how many were wrong. */
    long verify() {
        long wrong = 0;
        String count = connection.get("counter:" + number);
        if (Long.parseLong(count == null ? "0" : count) != counter) wrong++;
        for (int slot = 0; slot < OWN_VALUES; slot++) {
            if (versions[slot] == 0) continue;
            byte[] value = connection.get(DataSet.bytes(ownKey(slot)));
            if (!Arrays.equals(value, ownValue(slot, versions[slot], sizes[slot]))) wrong++;
        }
        return wrong;
    }

    private String ownKey(int slot) {
        return "own:" + number + ":" + slot;
    }

    private byte[] ownValue(int slot, long version, int size) {
        byte[] value = new byte[size];
        new Random(number * 1_000_003L + slot * 7919L + version * 31L).nextBytes(value);
        return value;
    }

    long operations() {
        return operations;
    }

    Stalls stalls() {
        return stalls;
    }

    long acknowledgedIncrements() {
        return counter;
    }

    /** What went wrong, or empty. */
    String failure() {
        return failure;
    }
}
