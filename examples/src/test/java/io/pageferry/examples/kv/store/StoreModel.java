package io.pageferry.examples.kv.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** A store beside what it should hold: a map of the JDK, and a clock that the test moves. */
final class StoreModel {
    private static final int KEYS = 3000;

    private final Random random;
    private final Map<String, byte[]> values = new HashMap<>();
    private final Map<String, Long> deadlines = new HashMap<>();
    private PoisoningMemory memory;
    private KvStore store;
    private long nowMs = 1_000_000;
    private int refusals;

    StoreModel(Random random, long sizeBytes) {
        this.random = random;
        this.memory = new PoisoningMemory(sizeBytes);
        this.store = KvStore.format(memory);
        store.begin(nowMs);
    }

    KvStore store() {
        return store;
    }

    int refusals() {
        return refusals;
    }

    /** One random operation on a random key. */
    void step(int maxValueBytes) {
        String key = randomKey();
        store.begin(nowMs);
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4, 5, 6 -> put(key, randomValue(maxValueBytes), randomExpiry());
            case 7, 8, 9, 10 -> remove(key);
            case 11, 12 -> append(key, randomValue(Math.min(maxValueBytes, 300)));
            case 13 -> changeDeadline(key);
            case 14 -> passTime();
            case 15 -> store.releasePages(1 + random.nextInt(64));
            case 16 -> store.compact(1 + random.nextInt(4));
            case 17 -> memory.movePointer();
            default -> check(key);
        }
    }

    /** The partition moves to another memory: the store there is opened from the bytes alone. */
    void migrate() {
        memory = memory.copy();
        store = KvStore.open(memory);
        store.begin(nowMs);
    }

    private String randomKey() {
        int number = random.nextInt(KEYS);
        return number % 7 == 0 ? "long key ".repeat(1 + number % 40) + number : "k" + number;
    }

    private byte[] randomValue(int maxBytes) {
        int limit = random.nextInt(4) == 0 ? maxBytes : Math.min(maxBytes, 100);
        byte[] value = new byte[random.nextInt(limit + 1)];
        random.nextBytes(value);
        return value;
    }

    private Expiry randomExpiry() {
        return switch (random.nextInt(4)) {
            case 0 -> Expiry.at(nowMs + 1 + random.nextInt(5000));
            case 1 -> Expiry.KEEP;
            default -> Expiry.NONE;
        };
    }

    private void put(String key, byte[] value, Expiry expiry) {
        byte[] bytes = bytes(key);
        try {
            store.put(bytes, 0, bytes.length, value, 0, value.length, expiry);
        } catch (StoreFullException full) {
            refusals++;
            check(key);
            return;
        }
        values.put(key, value);
        if (expiry.mode() == Expiry.Mode.AT) deadlines.put(key, expiry.timeMs());
        if (expiry.mode() == Expiry.Mode.NONE) deadlines.remove(key);
    }

    private void remove(String key) {
        byte[] bytes = bytes(key);
        assertThat(store.remove(bytes, 0, bytes.length)).isEqualTo(values.remove(key) != null);
        deadlines.remove(key);
    }

    private void append(String key, byte[] more) {
        long record = find(key);
        byte[] before = values.get(key);
        if (record == 0 || before == null || before.length + more.length > KvStore.MAX_VALUE_BYTES) return;
        try {
            assertThat(store.append(record, more, 0, more.length)).isEqualTo(before.length + more.length);
        } catch (StoreFullException full) {
            refusals++;
            check(key);
            return;
        }
        byte[] after = java.util.Arrays.copyOf(before, before.length + more.length);
        System.arraycopy(more, 0, after, before.length, more.length);
        values.put(key, after);
    }

    private void changeDeadline(String key) {
        long record = find(key);
        if (record == 0) return;
        Expiry expiry = random.nextBoolean() ? Expiry.NONE : Expiry.at(nowMs + 1 + random.nextInt(3000));
        try {
            store.applyExpiry(record, expiry);
        } catch (StoreFullException full) {
            refusals++;
            return;
        }
        if (expiry.mode() == Expiry.Mode.AT) deadlines.put(key, expiry.timeMs());
        else deadlines.remove(key);
    }

    private void passTime() {
        nowMs += random.nextInt(300);
        values.keySet().removeIf(key -> deadlines.getOrDefault(key, Long.MAX_VALUE) <= nowMs);
        deadlines.values().removeIf(time -> time <= nowMs);
        store.begin(nowMs);
        if (random.nextBoolean()) store.expire(random.nextInt(100));
    }

    private long find(String key) {
        byte[] bytes = bytes(key);
        return store.find(bytes, 0, bytes.length);
    }

    private void check(String key) {
        long record = find(key);
        byte[] expected = values.get(key);
        assertThat(record != 0).as(key).isEqualTo(expected != null);
        if (expected == null) return;
        byte[] value = new byte[store.valueBytes(record)];
        store.readValue(record, value, 0);
        assertThat(value).isEqualTo(expected);
        assertThat(store.deadlineMs(record)).isEqualTo(deadlines.getOrDefault(key, -1L));
    }

    /** Everything is there with its value and deadline, and a scan finds the same keys. */
    void checkAll() {
        store.begin(nowMs);
        while (store.expire(1000) > 0) {}
        assertThat(store.recordCount()).isEqualTo(values.size());
        values.keySet().forEach(this::check);
        Set<String> scanned = new HashSet<>();
        long cursor = 0;
        do {
            cursor = store.scan(cursor, record -> scanned.add(keyOf(record)));
        } while (cursor != 0);
        assertThat(scanned).isEqualTo(values.keySet());
    }

    private String keyOf(long record) {
        byte[] key = new byte[store.keyBytes(record)];
        store.readKey(record, key, 0);
        return new String(key, StandardCharsets.UTF_8);
    }

    void removeAll() {
        store.begin(nowMs);
        while (store.expire(1000) > 0) {}
        for (String key : Set.copyOf(values.keySet())) remove(key);
    }

    void forgetAll() {
        values.clear();
        deadlines.clear();
    }

    private static byte[] bytes(String key) {
        return key.getBytes(StandardCharsets.UTF_8);
    }
}
