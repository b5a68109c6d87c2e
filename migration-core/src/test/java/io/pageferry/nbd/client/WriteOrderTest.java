package io.pageferry.nbd.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.nbd.CommandType;
import io.pageferry.testing.TestSeed;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Attacks the invariant of {@link WriteOrder}: what is with the server never overlaps, and overlapping writes keep their order. */
class WriteOrderTest {
    private static Request write(long offset, long lengthBytes) {
        return Request.ofRange(CommandType.WRITE_ZEROES, 0, offset, lengthBytes, failure -> {});
    }

    @Test
    void aWriteWaitsForTheEarlierOneThatItOverlaps() {
        WriteOrder order = new WriteOrder();
        Request first = write(0, 10);
        Request second = write(5, 10);
        Request third = write(12, 2);
        assertThat(order.admit(first)).isTrue();
        assertThat(order.admit(second)).isFalse();
        assertThat(order.admit(third)).as("it overlaps one that waits").isFalse();
        assertThat(order.admit(write(20, 1))).isTrue();
        assertThat(order.release(first)).containsExactly(second);
        assertThat(order.release(second)).containsExactly(third);
    }

    @Test
    void randomWritesNeverMeetAndNeverOvertake() {
        Random random = TestSeed.random(WriteOrderTest.class);
        WriteOrder order = new WriteOrder();
        Set<Request> unfinished = new LinkedHashSet<>();
        List<Request> withServer = new ArrayList<>();
        for (int step = 0; step < 40_000 || !unfinished.isEmpty(); step++) {
            if (step < 40_000 && unfinished.size() < 40 && random.nextBoolean()) {
                Request write = write(random.nextInt(200), 1 + random.nextInt(40));
                unfinished.add(write);
                if (order.admit(write)) {
                    send(write, withServer, unfinished);
                }
            } else if (!withServer.isEmpty()) {
                Request done = withServer.remove(random.nextInt(withServer.size()));
                unfinished.remove(done);
                order.release(done).forEach(next -> send(next, withServer, unfinished));
            }
            assertThat(withServer.isEmpty()).as("something can always go on").isEqualTo(unfinished.isEmpty());
        }
    }

    private static void send(Request write, List<Request> withServer, Set<Request> unfinished) {
        assertThat(withServer).noneMatch(write::overlaps);
        for (Request earlier : unfinished) {
            if (earlier.equals(write)) {
                break;
            }
            assertThat(earlier.overlaps(write))
                    .as("%s overtakes %s", write, earlier)
                    .isFalse();
        }
        withServer.add(write);
    }
}
