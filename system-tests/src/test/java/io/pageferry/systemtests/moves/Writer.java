package io.pageferry.systemtests.moves;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.exceptions.JedisException;

/**
 * A client with keys of its own and a model of every write that was acknowledged: versions of values, and counters. Since
 * nobody else writes its keys, each answer it gets can be foretold; one that is lost, repeated or out of order is seen at once.
 */
final class Writer implements Runnable {
    private static final int VALUES = 60;
    private static final int COUNTERS = 8;
    private static final int MAX_VALUE_BYTES = 24 << 10;

    private final int gatewayPort;
    private final int number;
    private final AtomicBoolean stop;
    private final Random random;
    private final long seed;
    private final long[] versions = new long[VALUES];
    private final int[] sizes = new int[VALUES];
    private final long[] counters = new long[COUNTERS];
    private volatile long operations;
    private volatile String failure = "";

    Writer(int gatewayPort, int number, long seed, AtomicBoolean stop) {
        this.gatewayPort = gatewayPort;
        this.number = number;
        this.stop = stop;
        this.seed = seed * 31 + number;
        this.random = new Random(this.seed);
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // only this thread counts; others read
    public void run() {
        // Whatever it is: a reply out of order may show as a cast that fails.
        try (Jedis connection = Clients.connect(gatewayPort)) {
            while (!stop.get() && failure.isEmpty()) {
                operate(connection);
                operations++;
            }
        } catch (Throwable error) {
            failed(error.toString());
        }
    }

    private void operate(Jedis connection) {
        int slot = random.nextInt(VALUES);
        switch (random.nextInt(6)) {
            case 0, 1 -> write(connection, slot);
            case 2 -> delete(connection, slot);
            case 3 -> pipelined(connection);
            default -> read(connection, slot);
        }
    }

    private void write(Jedis connection, int slot) {
        long version = Math.abs(versions[slot]) + 1;
        int size = 1 + random.nextInt(MAX_VALUE_BYTES);
        String answer = connection.set(bytes(valueKey(slot)), value(slot, version, size));
        if (!answer.equals("OK")) failed("SET answered " + answer);
        versions[slot] = version;
        sizes[slot] = size;
    }

    // A deleted value keeps its version, negative.
    private void delete(Jedis connection, int slot) {
        long removed = connection.del(valueKey(slot));
        if (removed != (versions[slot] > 0 ? 1 : 0)) failed("DEL " + valueKey(slot) + " removed " + removed);
        versions[slot] = -Math.abs(versions[slot]);
    }

    private void read(Jedis connection, int slot) {
        byte[] stored = connection.get(bytes(valueKey(slot)));
        if (!isRight(stored, slot))
            failed("GET " + valueKey(slot) + " is wrong at version " + versions[slot] + ": "
                    + whatIsStored(stored, slot));
    }

    private String whatIsStored(byte[] stored, int slot) {
        if (stored == null) return "there is none";
        if (versions[slot] <= 0) return stored.length + " bytes of what was deleted";
        byte[] expected = value(slot, versions[slot], sizes[slot]);
        int first = Arrays.mismatch(stored, expected);
        int zeroes = first;
        while (zeroes < stored.length && stored[zeroes] == 0) zeroes++;
        return stored.length + " bytes for " + expected.length + ", of which byte " + first + " differs, with "
                + (zeroes - first) + " zeroes from there on";
    }

    private void pipelined(Jedis connection) {
        List<Response<Long>> answers = new ArrayList<>();
        List<Long> expected = new ArrayList<>();
        try (Pipeline pipeline = connection.pipelined()) {
            for (int i = 0; i < 16; i++) {
                int counter = random.nextInt(COUNTERS);
                answers.add(pipeline.incr(counterKey(counter)));
                expected.add(++counters[counter]);
            }
        }
        List<Long> got = answers.stream().map(Response::get).toList();
        if (!got.equals(expected)) failed("pipelined INCR answered " + got + ", not " + expected);
    }

    /** Compares the store with the model, over a new connection; what differs. */
    List<String> differences() {
        List<String> wrong = new ArrayList<>();
        if (!failure.isEmpty()) wrong.add(failure);
        try (Jedis connection = Clients.connect(gatewayPort)) {
            for (int slot = 0; slot < VALUES; slot++) {
                if (!isRight(connection, slot)) wrong.add(valueKey(slot) + " is not at version " + versions[slot]);
            }
            for (int counter = 0; counter < COUNTERS; counter++) {
                String count = connection.get(counterKey(counter));
                if (Long.parseLong(count == null ? "0" : count) != counters[counter]) {
                    wrong.add(counterKey(counter) + " is " + count + ", not " + counters[counter]);
                }
            }
        } catch (JedisException error) {
            wrong.add("client " + number + " while it compared: " + error);
        }
        return wrong;
    }

    /** The keys that there must be. */
    Set<String> keys() {
        Set<String> keys = new HashSet<>();
        for (int slot = 0; slot < VALUES; slot++) {
            if (versions[slot] > 0) keys.add(valueKey(slot));
        }
        for (int counter = 0; counter < COUNTERS; counter++) {
            if (counters[counter] > 0) keys.add(counterKey(counter));
        }
        return keys;
    }

    private boolean isRight(Jedis connection, int slot) {
        return isRight(connection.get(bytes(valueKey(slot))), slot);
    }

    private boolean isRight(byte[] stored, int slot) {
        if (versions[slot] <= 0) return stored == null;
        return Arrays.equals(stored, value(slot, versions[slot], sizes[slot]));
    }

    private String valueKey(int slot) {
        return "value:" + number + ":" + slot;
    }

    private String counterKey(int counter) {
        return "counter:" + number + ":" + counter;
    }

    private byte[] value(int slot, long version, int size) {
        byte[] value = new byte[size];
        new Random(seed ^ slot * 7919L ^ version * 1_000_003L).nextBytes(value);
        return value;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void failed(String what) {
        if (failure.isEmpty()) failure = "client " + number + ": " + what;
    }

    long operations() {
        return operations;
    }

    /** What went wrong, or empty. */
    String failure() {
        return failure;
    }
}
