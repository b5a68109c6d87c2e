package io.pageferry.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BulkCopyTest {
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 4095, 4096, 65_536, 65_537, 262_144, 4_194_304})
    void allOfItIsCopiedAndNothingBesideIt(long sizeBytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment from = arena.allocate(sizeBytes);
            SplittableRandom random = new SplittableRandom(sizeBytes);
            from.copyFrom(MemorySegment.ofArray(bytes(random, sizeBytes)));
            MemorySegment to = arena.allocate(sizeBytes + 64, 64).fill((byte) 9);
            BulkCopy.copy(from, to);
            assertThat(to.asSlice(0, sizeBytes).mismatch(from)).isEqualTo(-1);
            assertThat(to.asSlice(sizeBytes).toArray(ValueLayout.JAVA_BYTE)).containsOnly(9);
        }
    }

    @Test
    void whatHasNoRoomIsNotCopied() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment from = arena.allocate(4096);
            MemorySegment small = arena.allocate(4095);
            assertThatThrownBy(() -> BulkCopy.copy(from, small)).isInstanceOf(IndexOutOfBoundsException.class);
            MemorySegment readOnly = arena.allocate(4096).asReadOnly();
            assertThatThrownBy(() -> BulkCopy.copy(from, readOnly)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void memoryThatIsGoneIsSaidToBe() {
        Arena gone = Arena.ofShared();
        MemorySegment from = gone.allocate(4096);
        gone.close();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment to = arena.allocate(4096);
            assertThatThrownBy(() -> BulkCopy.copy(from, to)).isInstanceOf(IllegalStateException.class);
        }
    }

    private static byte[] bytes(SplittableRandom random, long count) {
        byte[] bytes = new byte[Math.toIntExact(count)];
        random.nextBytes(bytes);
        return bytes;
    }
}
