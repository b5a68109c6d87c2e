package io.pageferry.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Anonymous memory: zeroes, as much as was asked for, until its arena closes. */
class MappingTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 4096, 70_000, 1 << 20, (2 << 20) + 1, 5_000_000})
    void anonymousMemoryIsZeroesAndGoesWithItsArena(long sizeBytes) throws IOException {
        // Once it is unmapped, another thread of this process may be given the place.
        boolean gone = false;
        for (int i = 0; i < 10 && !gone; i++) gone = !isMapped(useAndClose(sizeBytes));
        assertThat(gone).isTrue();
    }

    private static long useAndClose(long sizeBytes) throws IOException {
        Mapping mapping;
        try (Arena arena = Arena.ofShared()) {
            mapping = Mapping.anonymous(sizeBytes, arena);
            assertThat(mapping.sizeBytes()).isEqualTo(sizeBytes);
            assertThat(mapping.address() % (sizeBytes >= 1 << 20 ? Mapping.HUGE_BYTES : 4096))
                    .isZero();
            for (long at = 0; at < sizeBytes; at++) {
                if (mapping.segment().get(ValueLayout.JAVA_BYTE, at) != 0) throw new AssertionError("at " + at);
            }
            mapping.segment().fill((byte) 1);
            assertThat(isMapped(mapping.address())).isTrue();
        }
        assertThatThrownBy(() -> mapping.segment().get(ValueLayout.JAVA_BYTE, 0))
                .isInstanceOf(IllegalStateException.class);
        return mapping.address();
    }

    private static boolean isMapped(long address) throws IOException {
        List<String> mappings = Files.readAllLines(Path.of("/proc/self/maps"));
        return mappings.stream().map(line -> line.split("[- ]")).anyMatch(range -> {
            return Long.parseUnsignedLong(range[0], 16) <= address && address < Long.parseUnsignedLong(range[1], 16);
        });
    }
}
