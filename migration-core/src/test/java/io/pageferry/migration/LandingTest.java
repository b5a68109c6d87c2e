package io.pageferry.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.Mapping;
import io.pageferry.manifest.Checksums;
import io.pageferry.manifest.SpaceLayout;
import io.pageferry.pager.WaitingMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LandingTest {
    private static final int PAGE = SpaceLayout.PAGE_BYTES;
    private static final int EXTENT = WaitingMemory.EXTENT_PAGES;
    private static final int RUN = 16;

    /** Which way it goes depends on the machine: both must be right on each. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsReadIsWhereItBelongsAndSoIsItsChecksum(boolean byBuffer) {
        try (Descriptor memfd = FileCalls.memfd("landing-test", 2L * EXTENT * PAGE);
                Arena arena = Arena.ofConfined()) {
            WaitingMemory memory = new WaitingMemory(memfd, Mapping.readWrite(memfd, 2L * EXTENT * PAGE, arena));
            Landing landing = new Landing(memfd, memory, null, byBuffer, 2L * EXTENT, RUN);
            assertThat(memory.gather(0)).isTrue();
            for (long page = 0; page < 2L * EXTENT; page += RUN) {
                Landing.Place place = landing.take(page, RUN);
                assertThat(place.buffer() == null).isEqualTo(page < EXTENT && !byBuffer);
                fill(place.content(), page);
                landing.put(place);
                landing.giveBack(place);
            }
            for (long page = 0; page < 2L * EXTENT; page++) {
                MemorySegment there = memory.pages(page, 1);
                assertThat(there.get(ValueLayout.JAVA_LONG, 8)).isEqualTo(page + 1);
                assertThat(landing.checksum(page)).isEqualTo(Checksums.crc32c(there));
            }
        }
    }

    private static void fill(MemorySegment run, long firstPage) {
        for (int i = 0; i < RUN; i++) run.set(ValueLayout.JAVA_LONG, (long) i * PAGE + 8, firstPage + i + 1);
    }
}
