package io.pageferry.nbd.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Attacks the invariant of {@link UnflushedWrites}: no flush succeeds for what a restarted server may have forgotten. */
class UnflushedWritesTest {
    private final UnflushedWrites writes = new UnflushedWrites();

    private static void assertDoubtful(ThrowingCallable call, ByteRange... ranges) {
        assertThatThrownBy(call)
                .asInstanceOf(type(NbdUnflushedWritesException.class))
                .satisfies(e -> assertThat(e.ranges()).containsExactly(ranges));
    }

    @Test
    void aFlushOnOneAndTheSameServerSucceeds() throws Exception {
        writes.acknowledged(0, 10, false, 0);
        writes.end(writes.begin(), true);
        writes.newEpoch();
        writes.end(writes.begin(), true);
    }

    @Test
    void whatWasAcknowledgedBeforeANewConnectionStaysDoubtfulUntilItIsWrittenAgain() throws Exception {
        writes.acknowledged(0, 10, false, 0);
        writes.acknowledged(20, 30, true, 0);
        writes.newEpoch();
        assertDoubtful(writes::begin, new ByteRange(0, 10));
        writes.acknowledged(0, 4, false, 1);
        assertDoubtful(writes::begin, new ByteRange(4, 6));
        writes.acknowledged(4, 10, true, 1);
        writes.end(writes.begin(), true);
    }

    @Test
    void anAcknowledgementOfWhatWasSentBeforeTheNewConnectionIsDoubtful() {
        writes.newEpoch();
        writes.acknowledged(0, 10, false, 0);
        assertDoubtful(writes::begin, new ByteRange(0, 10));
    }

    @Test
    void aFlushDuringWhichAConnectionWasReplacedIsWorthNothing() throws Exception {
        writes.acknowledged(0, 10, false, 0);
        UnflushedWrites.Flush flush = writes.begin();
        writes.newEpoch();
        assertDoubtful(() -> writes.end(flush, true), new ByteRange(0, 10));
    }

    @Test
    void whatWasWrittenAgainDuringSuchAFlushIsNotCoveredByItEither() throws Exception {
        writes.acknowledged(0, 10, false, 0);
        UnflushedWrites.Flush flush = writes.begin();
        writes.newEpoch();
        writes.acknowledged(0, 10, false, 1);
        assertDoubtful(() -> writes.end(flush, true), new ByteRange(0, 10));
        writes.end(writes.begin(), true);
    }

    @Test
    void whatAFailedFlushCoveredIsStillToBeFlushed() throws Exception {
        writes.acknowledged(0, 10, false, 0);
        writes.end(writes.begin(), false);
        writes.newEpoch();
        assertDoubtful(writes::begin, new ByteRange(0, 10));
    }
}
