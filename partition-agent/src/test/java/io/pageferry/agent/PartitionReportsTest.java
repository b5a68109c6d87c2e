package io.pageferry.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.agent.control.ControlException;
import io.pageferry.testing.TestSeed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the server hears of partitions where some reports are lost. */
class PartitionReportsTest {
    private static final int REPORTERS = 4;
    private static final int CHANGES = 50;

    private final AtomicInteger now = new AtomicInteger();
    private final List<Integer> heard = new ArrayList<>();
    private final AtomicInteger lost = new AtomicInteger();
    private PartitionReports reports = new PartitionReports(this::hear, this::hosted);

    @AfterEach
    void close() {
        reports.close();
    }

    private List<Map<String, Object>> hosted() {
        return List.of(Map.of("now", now.get()));
    }

    private synchronized void hear(List<Map<String, Object>> partitions) {
        if (lost.get() > 0 && lost.getAndDecrement() > 0) throw new ControlException.Unreachable("lost", false);
        heard.add((Integer) partitions.getFirst().get("now"));
    }

    private synchronized List<Integer> heard() {
        return List.copyOf(heard);
    }

    @Test
    void aReportThatIsLostIsFollowedByOneOfWhatIsSoByThen() {
        lost.set(1_000_000);
        reports.report();
        assertThat(heard()).isEmpty();
        now.set(7);
        lost.set(0);
        Awaitility.await().untilAsserted(() -> assertThat(heard()).containsExactly(7));
        now.set(8);
        reports.report();
        assertThat(heard()).containsExactly(7, 8);
    }

    @Test
    void whoMustKnowIsToldThatItIsLost() throws InterruptedException {
        lost.set(1);
        assertThatThrownBy(reports::reportNow).isInstanceOf(ControlException.class);
        reports.reportNow();
        assertThat(heard()).containsExactly(0);
    }

    /** Seeded: reports of several threads, of which every third is lost; whenever nobody reports any more, the server knows the latest. */
    @Test
    void theServerComesToKnowTheLatestAndNeverGoesBack() throws InterruptedException {
        Random random = new Random(TestSeed.choose(PartitionReportsTest.class));
        reports = new PartitionReports(
                partitions -> {
                    synchronized (random) {
                        if (random.nextInt(3) == 0) lost.set(1);
                    }
                    hear(partitions);
                },
                this::hosted);
        CountDownLatch ended = new CountDownLatch(REPORTERS);
        for (int i = 0; i < REPORTERS; i++) {
            Thread.ofPlatform().start(() -> {
                for (int change = 0; change < CHANGES; change++) {
                    now.incrementAndGet();
                    reports.report();
                }
                ended.countDown();
            });
        }
        ended.await();
        Awaitility.await().until(() -> heard().getLast() == REPORTERS * CHANGES);
        assertThat(heard()).isSorted();
    }
}
