package io.pageferry.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.heat.HeatMap;
import io.pageferry.heat.Order;
import io.pageferry.heat.PageQueue;
import io.pageferry.manifest.SpaceLayout;
import io.pageferry.page.PageRange;
import io.pageferry.page.PageSet;
import io.pageferry.path.PagePathIn;
import io.pageferry.testing.TestSeed;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FillPipelineTest {
    private static final int PAGES = 1000;
    private static final int MAX_RUN = 8;

    private final ExecutorService device = Executors.newFixedThreadPool(3);
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicBoolean stopped = new AtomicBoolean();

    @AfterEach
    void stopDevice() {
        device.shutdownNow();
    }

    @Test
    void eachPageIsHandedOnOnceWithItsContent() throws Exception {
        PageSet seen = new PageSet(PAGES);
        boolean complete = pipeline(new SlowDevice(0, 0), 0).pump(queue(), FillPipelineTest::next, (run, content) -> {
            for (long page = run.firstPage(); page < run.end(); page++) {
                long at = (page - run.firstPage()) * SpaceLayout.PAGE_BYTES;
                assertThat(content.get(ValueLayout.JAVA_LONG, at)).isEqualTo(page);
                assertThat(seen.contains(page)).isFalse();
            }
            seen.add(run);
            return true;
        });
        assertThat(complete).isTrue();
        assertThat(seen.size()).isEqualTo(PAGES);
    }

    @Test
    void aStopWhileItWaitsForItsTurnEndsIt() throws Exception {
        FillPipeline pipeline = pipeline(new SlowDevice(0, 0), SpaceLayout.PAGE_BYTES);
        Thread stopper = Thread.ofPlatform().start(() -> {
            sleepMs(100);
            stopped.set(true);
        });
        assertThat(pipeline.pump(queue(), FillPipelineTest::next, (run, content) -> true))
                .isFalse();
        stopper.join();
    }

    /** Attacks the pipeline's invariant: whenever it ends, and why ever, no read is in flight, and it does end. */
    @Test
    void whateverEndsItNoReadIsInFlightThen() throws Exception {
        Random random = TestSeed.random(FillPipelineTest.class);
        for (int round = 0; round < 300; round++) {
            stopped.set(false);
            int rate = random.nextBoolean() ? 0 : 64 << 20;
            FillPipeline pipeline = pipeline(new SlowDevice(random.nextInt(3), random.nextInt(200)), rate);
            Thread filling = Thread.currentThread();
            int stopAfterMicros = random.nextInt(3000);
            boolean interrupts = random.nextInt(4) == 0;
            Thread stopper = Thread.ofPlatform().start(() -> {
                sleepMicros(stopAfterMicros);
                if (interrupts) filling.interrupt();
                else stopped.set(true);
            });
            try {
                pipeline.pump(queue(), FillPipelineTest::next, (run, content) -> true);
            } catch (MigrationFailedException | InterruptedException ended) {
                assertThat(ended).isNotNull();
            }
            assertThat(inFlight).as("round %d", round).hasValue(0);
            joinUninterrupted(stopper);
        }
    }

    // The interrupt may come only now that the filling is over.
    private static void joinUninterrupted(Thread stopper) {
        while (true) {
            try {
                stopper.join();
                Thread.interrupted();
                return;
            } catch (InterruptedException late) {
                assertThat(late).isNotNull();
            }
        }
    }

    @Test
    void aReadThatIsRefusedAtOnceIsAFailureAndNoHang() {
        PagePathIn refusing = new SlowDevice(0, 0) {
            @Override
            public void read(long offset, MemorySegment into, Done done) {
                throw new IllegalStateException("closed");
            }
        };
        assertThatThrownBy(() -> pipeline(refusing, 0).pump(queue(), FillPipelineTest::next, (run, content) -> true))
                .isInstanceOf(MigrationFailedException.class)
                .hasMessageContaining("closed");
    }

    private FillPipeline pipeline(PagePathIn path, long maxBytesPerSecond) {
        return new FillPipeline(path, new Throttle(maxBytesPerSecond), MAX_RUN, stopped::get);
    }

    private static PageRange next(PageQueue queue) {
        return queue.takeRun(MAX_RUN).orElseThrow();
    }

    private static PageQueue queue() {
        PageSet all = new PageSet(PAGES);
        all.addRange(0, PAGES);
        return new PageQueue(Order.ADDRESS, new HeatMap(PAGES), page -> false, all);
    }

    private static void sleepMs(long ms) {
        sleepMicros(TimeUnit.MILLISECONDS.toMicros(ms));
    }

    @SuppressWarnings("Interruption") // a device that is shut down in the middle of a read has nothing to clean up
    private static void sleepMicros(long micros) {
        try {
            TimeUnit.MICROSECONDS.sleep(micros);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }

    /** Each page's content is its index; some reads fail, and each takes its time. */
    private class SlowDevice implements PagePathIn {
        private final int failuresInTen;
        private final int maxMicros;

        SlowDevice(int failuresInTen, int maxMicros) {
            this.failuresInTen = failuresInTen;
            this.maxMicros = maxMicros;
        }

        @Override
        public void read(long offset, MemorySegment into, Done done) {
            inFlight.incrementAndGet();
            device.execute(() -> {
                long page = offset / SpaceLayout.PAGE_BYTES;
                if (maxMicros > 0) sleepMicros(page * 7 % maxMicros);
                for (long at = 0; at < into.byteSize(); at += SpaceLayout.PAGE_BYTES) {
                    into.set(ValueLayout.JAVA_LONG, at, page + at / SpaceLayout.PAGE_BYTES);
                }
                inFlight.decrementAndGet();
                boolean fails = page / MAX_RUN % 10 < failuresInTen && page > PAGES / 2;
                done.done(fails ? new IllegalStateException("injected") : null);
            });
        }

        @Override
        public void readUrgent(long offset, MemorySegment into, Done done) {
            throw new UnsupportedOperationException("filling is never urgent");
        }

        @Override
        public void changed(Changed visitor) {
            throw new UnsupportedOperationException("filling does not ask what changed");
        }

        @Override
        public void close() {}
    }
}
