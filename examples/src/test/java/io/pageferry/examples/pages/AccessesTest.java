package io.pageferry.examples.pages;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.partition.StandaloneMemory;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class AccessesTest {
    private static final long SIZE_BYTES = 1 << 20;
    private static final int ROUNDS = 300;

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
}
