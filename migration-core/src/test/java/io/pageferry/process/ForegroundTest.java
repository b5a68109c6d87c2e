package io.pageferry.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.linux.ThreadPriority;
import org.junit.jupiter.api.Test;

class ForegroundTest {
    @Test
    void itGivesWeightAndTakesItBackAndPausesForThreadsThatAreMadeMeanwhile() throws InterruptedException {
        int before = ThreadPriority.own();
        int[] made = new int[1];
        try (var _ = Foreground.begin()) {
            assertThat(ThreadPriority.own()).isLessThanOrEqualTo(before);
            try (var _ = Foreground.pause()) {
                Thread.ofPlatform().start(() -> made[0] = ThreadPriority.own()).join();
            }
        }
        assertThat(ThreadPriority.own()).isEqualTo(before);
        assertThat(made[0]).isEqualTo(ThreadPriority.ofProcess());
    }
}
