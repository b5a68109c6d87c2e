package io.pageferry.systemtests.moves;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.resps.ScanResult;

/** Writers at work. */
final class Load implements AutoCloseable {
    private final int gatewayPort;
    private final AtomicBoolean stop = new AtomicBoolean();
    private final List<Writer> writers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    private Load(int gatewayPort) {
        this.gatewayPort = gatewayPort;
    }

    static Load start(int gatewayPort, int writerCount, long seed) {
        Load load = new Load(gatewayPort);
        for (int i = 0; i < writerCount; i++) {
            Writer writer = new Writer(gatewayPort, i, seed, load.stop);
            load.writers.add(writer);
            load.threads.add(Thread.ofPlatform().daemon().name("writer-" + i).start(writer));
        }
        return load;
    }

    /** Waits until every writer has done so many operations more; fails if one has ended before, or a client saw something wrong. */
    void awaitOperations(int more) throws InterruptedException {
        long[] enough =
                writers.stream().mapToLong(writer -> writer.operations() + more).toArray();
        for (int i = 0; i < enough.length; i++) {
            Writer writer = writers.get(i);
            while (writer.operations() < enough[i]
                    && writer.failure().isEmpty()
                    && threads.get(i).isAlive()) Thread.sleep(5);
            assertThat(writer.failure())
                    .as("what client " + i + " has seen go wrong")
                    .isEmpty();
            assertThat(writer.operations())
                    .as("operations of client " + i + ", which has ended too early")
                    .isGreaterThanOrEqualTo(enough[i]);
        }
    }

    long operations() {
        return writers.stream().mapToLong(Writer::operations).sum();
    }

    /** What clients have seen go wrong so far. */
    List<String> failures() {
        return writers.stream()
                .map(Writer::failure)
                .filter(one -> !one.isEmpty())
                .toList();
    }

    /** Stops the writers, none of which may have ended before. */
    void stop() throws InterruptedException {
        List<Boolean> alive = threads.stream().map(Thread::isAlive).toList();
        boolean first = stop.compareAndSet(false, true);
        for (Thread thread : threads) thread.join();
        assertThat(failures()).as("what clients have seen go wrong").isEmpty();
        if (first)
            assertThat(alive).as("writers at work until they were stopped").doesNotContain(false);
    }

    /** Each acknowledged write is there, and none that was not made. */
    void verify() throws InterruptedException {
        stop();
        List<String> wrong = new ArrayList<>();
        writers.forEach(writer -> wrong.addAll(writer.differences()));
        assertThat(wrong).as("acknowledged writes that are not there").isEmpty();
        Set<String> expected = new HashSet<>();
        writers.forEach(writer -> expected.addAll(writer.keys()));
        assertThat(allKeys()).as("keys in the store").isEqualTo(expected);
    }

    private Set<String> allKeys() {
        Set<String> keys = new HashSet<>();
        try (Jedis connection = Clients.connect(gatewayPort)) {
            String cursor = ScanParams.SCAN_POINTER_START;
            do {
                ScanResult<String> some = connection.scan(cursor);
                keys.addAll(some.getResult());
                cursor = some.getCursor();
            } while (!cursor.equals(ScanParams.SCAN_POINTER_START));
            assertThat(connection.dbSize()).isEqualTo(keys.size());
        }
        keys.removeIf(Ballast::isBallast);
        return keys;
    }

    @Override
    public void close() {
        stop.set(true);
        for (Thread thread : threads) thread.interrupt();
    }
}
