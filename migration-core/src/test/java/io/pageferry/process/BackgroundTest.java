package io.pageferry.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.linux.ThreadPriority;
import org.junit.jupiter.api.Test;

class BackgroundTest {
    @Test
    void itTakesWeightAndGivesItBack() {
        int before = ThreadPriority.own();
        try (var _ = Background.begin()) {
            if (ThreadPriority.mayRaise()) assertThat(ThreadPriority.own()).isGreaterThanOrEqualTo(10);
            else assertThat(ThreadPriority.own()).isEqualTo(before);
        }
        assertThat(ThreadPriority.own()).isEqualTo(before);
    }
}
