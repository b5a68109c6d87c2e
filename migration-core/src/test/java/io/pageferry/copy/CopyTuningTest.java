package io.pageferry.copy;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CopyTuningTest {
    /** Which way it goes depends on the machine and the length: both must be right on each. */
    @ParameterizedTest
    @CsvSource({"false, 4096", "true, 4096", "false, 65536", "true, 65536", "false, 1048576", "true, 1048576"})
    void aRunIsCopiedToTheBeginOfItsPlaceAndNoFurther(boolean pastCache, int sizeBytes) {
        CopyTuning tuning = new CopyTuning(pastCache, true, true);
        byte[] content = new byte[sizeBytes];
        new SplittableRandom(sizeBytes).nextBytes(content);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment from = arena.allocate(sizeBytes, 4096).copyFrom(MemorySegment.ofArray(content));
            MemorySegment to = arena.allocate(sizeBytes + 4096L, 4096);
            tuning.copy(from, to);
            assertThat(to.asSlice(0, sizeBytes).mismatch(from)).isEqualTo(-1);
            assertThat(to.asSlice(sizeBytes).mismatch(arena.allocate(4096))).isEqualTo(-1);
        }
    }
}
