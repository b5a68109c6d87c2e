package io.pageferry.examples.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.pageferry.partition.StandaloneMemory;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class AccessesTest {
    private static final long SIZE_BYTES = 1 << 20;
    private static final int ROUNDS = 300;
    private static final long REST_NS = 300_000_000;
    private static final Pattern BUCKET = Pattern.compile("\\[(\\d+),(\\d+)]");

    /** The thread that stops waits for one that has an access to note: neither may keep the other from going on. */
    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void theyComeToRestInTheMiddleOfAnyAccess() {
        PageContent content = new PageContent(false);
        try (StandaloneMemory alone = StandaloneMemory.create("accesses", SIZE_BYTES)) {
            content.fill(alone.memory().segment());
            Accesses accesses = new Accesses(content);
            accesses.setRates(1_000_000, 1_000_000);
            for (int round = 0; round < ROUNDS; round++) {
                accesses.start(alone.memory());
                while (round % 3 == 0 && accesses.writes() == 0) Thread.onSpinWait();
                accesses.stop();
            }
            assertThat(content.verify(alone.memory().segment())).isEqualTo(accesses.writes());
        }
    }

    /** The frozen time of a migration is seen by those whose accesses fell into it. */
    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void whatFellDueWhileAtRestIsDoneAfterwardsAndTimedFromWhenItWasDue() {
        PageContent content = new PageContent(true);
        try (StandaloneMemory alone = StandaloneMemory.create("accesses", SIZE_BYTES)) {
            content.fill(alone.memory().segment());
            Accesses source = new Accesses(content);
            source.setRates(1000, 1000);
            source.start(alone.memory());
            source.awaitDone();
            source.stop();
            long restsFromNs = System.nanoTime();
            byte[] state = source.state();
            while (System.nanoTime() - restsFromNs < REST_NS) LockSupport.parkNanos(REST_NS);
            Accesses target = new Accesses(content);
            target.setRates(1000, 1000);
            target.setState(state);
            target.start(alone.memory());
            target.awaitDone();
            target.stop();

            String report = target.takeReport();
            assertThat(figure(report, "writes")).isGreaterThanOrEqualTo(299);
            assertThat(figure(report, "accesses")).isGreaterThanOrEqualTo(598);
            assertThat(figure(report, "max-us")).isGreaterThan(290_000);
            assertThat(figure(report, "p50-us")).as("due all over the rest").isBetween(50_000.0, 1e9);
            assertThat(figure(report, "wrong")).isZero();
            assertThat(BUCKET.matcher(report)
                            .results()
                            .mapToLong(bucket -> Long.parseLong(bucket.group(2)))
                            .sum())
                    .as("the buckets hold every access")
                    .isEqualTo((long) figure(report, "accesses"));
            assertThat(content.verify(alone.memory().segment())).isEqualTo(target.writes());
        }
    }

    /** However much has fallen due, the program comes to rest when it is told to, and what is left is not lost. */
    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void aBacklogOfManySecondsIsLeftInTheMiddleAndHandedOver() {
        PageContent content = new PageContent(false);
        try (StandaloneMemory alone = StandaloneMemory.create("accesses", SIZE_BYTES)) {
            content.fill(alone.memory().segment());
            Accesses accesses = new Accesses(content);
            accesses.setRates(10_000_000, 10_000_000);
            long dueNs = System.nanoTime() - TimeUnit.SECONDS.toNanos(30);
            accesses.setState(ByteBuffer.allocate(Accesses.STATE_BYTES)
                    .putLong(0)
                    .putLong(dueNs)
                    .array());
            long stoppingNs = 0;
            for (int round = 0; round < 20; round++) {
                accesses.start(alone.memory());
                LockSupport.parkNanos(Schedule.TICK_NS);
                long fromNs = System.nanoTime();
                accesses.stop();
                stoppingNs = Math.max(stoppingNs, System.nanoTime() - fromNs);
            }
            assertThat(stoppingNs).isLessThan(TimeUnit.SECONDS.toNanos(5));

            ByteBuffer left = ByteBuffer.wrap(accesses.state(), Long.BYTES, Schedule.SIZE_BYTES);
            double ticks = (left.getLong() - dueNs) / (double) Schedule.TICK_NS;
            double remaining = left.getDouble() + left.getDouble();
            assertThat(figure(accesses.takeReport(), "accesses") + remaining).isCloseTo(ticks * 20_000, within(0.5));
            assertThat(content.verify(alone.memory().segment())).isEqualTo(accesses.writes());
        }
    }

    private static double figure(String report, String name) {
        Matcher figure = Pattern.compile("\"" + name + "\":([0-9.]+)").matcher(report);
        assertThat(figure.find()).as(name + " in " + report).isTrue();
        return Double.parseDouble(figure.group(1));
    }
}
