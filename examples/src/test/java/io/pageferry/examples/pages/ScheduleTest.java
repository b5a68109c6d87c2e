package io.pageferry.examples.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    private static final long NOW_NS = 5_000_000_000_000L;

    @Test
    void whatIsHandedOverGoesOnWhereItWas() {
        Schedule before = Schedule.beginningAt(NOW_NS);
        before.advance(2500, 3000);
        assertThat(before.takeRead()).isTrue();
        Schedule after = handOver(before, NOW_NS + 300_000_000);

        assertThat(after.dueNs()).isEqualTo(NOW_NS + Schedule.TICK_NS);
        assertThat(after.takeRead()).isTrue();
        assertThat(after.takeRead()).isFalse();
        for (int write = 0; write < 3; write++) assertThat(after.takeWrite()).isTrue();
        assertThat(after.isDone()).isTrue();
        after.advance(2500, 0);
        for (int read = 0; read < 3; read++) {
            assertThat(after.takeRead()).as("a half was left over").isTrue();
        }
        assertThat(after.takeRead()).isFalse();
    }

    @Test
    void aTimeOfAnotherHostOrOfLongAgoBeginsAnew() {
        Schedule before = Schedule.beginningAt(NOW_NS);
        before.advance(10_000, 0);
        long dueNs = NOW_NS + Schedule.TICK_NS;

        assertThat(handOver(before, dueNs + Schedule.LONGEST_GAP_NS).isDone()).isFalse();
        for (long nowNs : new long[] {dueNs + Schedule.LONGEST_GAP_NS + 1, dueNs - Schedule.TICK_NS - 1, 7}) {
            Schedule after = handOver(before, nowNs);
            assertThat(after.dueNs()).isEqualTo(nowNs);
            assertThat(after.isDone()).isTrue();
        }
    }

    private static Schedule handOver(Schedule before, long nowNs) {
        ByteBuffer state = ByteBuffer.allocate(Schedule.SIZE_BYTES);
        before.putTo(state);
        return Schedule.goingOn(state.flip(), nowNs);
    }
}
