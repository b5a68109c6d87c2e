package io.pageferry.migration;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The figures of one side of a migration. Names and units are those of QEMU's {@code query-migrate} where the meaning is the
 * same ({@code ram} in bytes and pages, times in ms); ours carry their unit in the name. A figure that was never set is
 * absent. Thread-safe.
 */
public final class Progress {
    private final Map<String, AtomicLong> figures = new LinkedHashMap<>();

    public synchronized void set(String name, long value) {
        figures.computeIfAbsent(name, absent -> new AtomicLong()).set(value);
    }

    public synchronized void add(String name, long value) {
        figures.computeIfAbsent(name, absent -> new AtomicLong()).addAndGet(value);
    }

    /** The value, or 0 where it was never set. */
    public synchronized long get(String name) {
        AtomicLong value = figures.get(name);
        return value == null ? 0 : value.get();
    }

    /** All that was set. */
    public synchronized Map<String, Long> figures() {
        Map<String, Long> copy = new LinkedHashMap<>();
        figures.forEach((name, value) -> copy.put(name, value.get()));
        return copy;
    }
}
