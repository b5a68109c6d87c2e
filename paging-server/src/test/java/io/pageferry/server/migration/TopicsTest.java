package io.pageferry.server.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.TestSeed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class TopicsTest {
    private static final long FOREVER_MS = Duration.ofMinutes(5).toMillis();

    private final Topics topics = new Topics();

    @Test
    void whoAsksAfterWhatHeKnowsWaitsForTheNextChange() throws InterruptedException {
        long known = topics.await("a", 0, FOREVER_MS);
        assertThat(topics.await("a", known, 1)).isEqualTo(known);

        Thread.ofVirtual().start(() -> topics.changed(List.of("a")));
        assertThat(topics.await("a", known, FOREVER_MS)).isGreaterThan(known);
    }

    @Test
    void aChangeOfAnotherTopicWakesNobody() throws InterruptedException {
        long known = topics.await("a", 0, FOREVER_MS);
        topics.changed(List.of("b"));
        assertThat(topics.await("a", known, 20))
                .as("waited in vain, and knows it")
                .isGreaterThan(known);
        assertThat(topics.await("b", known, FOREVER_MS)).isGreaterThan(known);
    }

    @Test
    void aVersionOfAnotherLifeOfTheServerWaitsForNothing() throws InterruptedException {
        topics.await("a", Long.MAX_VALUE, FOREVER_MS);
        topics.await("a", topics.startVersion() - 1, FOREVER_MS);
    }

    // Each reader may stop only once it has read the last value; a lost wake-up would leave it waiting for minutes.
    @Test
    void noWakeUpIsLost() throws Exception {
        Random random = TestSeed.random(TopicsTest.class);
        for (int round = 0; round < 20; round++) {
            AtomicLong value = new AtomicLong();
            long last = 1L + random.nextInt(200);
            List<Future<Long>> readers = new ArrayList<>();
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 50; i++) {
                    readers.add(threads.submit(() -> readUntil(value, last)));
                }
                for (long i = 0; i < last; i++) {
                    value.incrementAndGet();
                    topics.changed(List.of("other", "value"));
                    LockSupport.parkNanos(random.nextInt(3) * 1000L);
                }
            }
            for (Future<Long> reader : readers) {
                assertThat(reader.get()).isEqualTo(last);
            }
        }
    }

    private long readUntil(AtomicLong value, long last) throws InterruptedException {
        long version = 0;
        long read = 0;
        while (read < last) {
            version = topics.await("value", version, FOREVER_MS);
            read = value.get();
        }
        return read;
    }

    @Test
    void thousandsWaitAtOnceAndEachIsWokenByItsOwnTopic() throws Exception {
        long known = topics.changed(List.of());
        List<Future<Long>> waiting = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 5000; i++) {
                String topic = "topic-" + i % 100;
                waiting.add(threads.submit(() -> topics.await(topic, known, FOREVER_MS)));
            }
            for (int i = 0; i < 100; i++) {
                topics.changed(List.of("topic-" + i));
            }
        }
        for (Future<Long> waiter : waiting) {
            assertThat(waiter.get(1, TimeUnit.SECONDS)).isGreaterThan(known);
        }
    }
}
