package io.pageferry.direct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.Mapping;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On real mappings of real files in memory, each with a first byte of its own. */
class SpaceMappingsTest {
    private static final long SIZE = 3 << 20;

    private final SpaceMappings mappings = new SpaceMappings();
    private final Path folder;
    private final Descriptor one;
    private final Descriptor other;

    SpaceMappingsTest() throws IOException {
        folder = Files.createTempDirectory(Path.of("/dev/shm"), "mapped-spaces");
        one = space(1);
        other = space(2);
    }

    @AfterEach
    void close() throws IOException {
        mappings.close();
        one.close();
        other.close();
        Files.deleteIfExists(folder.resolve("1"));
        Files.delete(folder.resolve("2"));
        Files.delete(folder);
    }

    private Descriptor space(int mark) {
        Descriptor file = FileCalls.open(folder.resolve(Integer.toString(mark)), FileCalls.OpenMode.CREATE);
        FileCalls.truncate(file, SIZE);
        try (Arena arena = Arena.ofConfined()) {
            Mapping.readWrite(file, SIZE, arena).segment().set(ValueLayout.JAVA_BYTE, 0, (byte) mark);
        }
        return file;
    }

    private static byte first(SpaceMappings.Loan loan) {
        return loan.mapping().segment().get(ValueLayout.JAVA_BYTE, 0);
    }

    private static long mapped() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.contains("/mapped-spaces")).count();
        }
    }

    @Test
    void theSameFileIsMappedOnce() {
        SpaceMappings.Loan loan = mappings.take(one, SIZE, true);
        loan.close();
        try (Descriptor again = FileCalls.reopen(one, FileCalls.OpenMode.READ_WRITE);
                SpaceMappings.Loan second = mappings.take(again, SIZE, true)) {
            assertThat(second).isSameAs(loan);
        }
    }

    @Test
    void anotherFileIsNeverTakenForIt() throws IOException {
        for (int round = 0; round < 4; round++) {
            try (SpaceMappings.Loan loan = mappings.take(round % 2 == 0 ? one : other, SIZE, false)) {
                assertThat(first(loan)).isEqualTo((byte) (1 + round % 2));
            }
            assertThat(mapped()).isEqualTo(1);
        }
    }

    /** Or its storage would stay for as long as the partition is hosted here. */
    @Test
    void oneThatWasDeletedIsNotKept() throws IOException {
        SpaceMappings.Loan loan = mappings.take(one, SIZE, true);
        Files.delete(folder.resolve("1"));
        assertThat(first(loan)).isEqualTo((byte) 1);
        loan.close();
        assertThat(mapped()).isZero();
    }

    @Test
    void oneOfAnotherSizeIsMappedAnew() {
        mappings.take(one, SIZE / 2, false).close();
        try (SpaceMappings.Loan whole = mappings.take(one, SIZE, false)) {
            assertThat(whole.mapping().sizeBytes()).isEqualTo(SIZE);
        }
    }

    @Test
    void whoReadsGetsNoMappingForWriting() {
        mappings.take(one, SIZE, true).close();
        try (SpaceMappings.Loan reading = mappings.take(one, SIZE, false)) {
            MemorySegment pages = reading.mapping().segment();
            assertThatThrownBy(() -> pages.set(ValueLayout.JAVA_BYTE, 0, (byte) 9))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void eachOfTwoAtOnceHasItsOwnAndOneIsKept() throws IOException {
        SpaceMappings.Loan first = mappings.take(one, SIZE, true);
        SpaceMappings.Loan second = mappings.take(one, SIZE, true);
        assertThat(second.mapping().address()).isNotEqualTo(first.mapping().address());
        second.close();
        assertThat(first(first)).isEqualTo((byte) 1);
        first.close();
        assertThat(mapped()).isEqualTo(1);
        try (SpaceMappings.Loan third = mappings.take(one, SIZE, true)) {
            assertThat(third).isSameAs(second);
        }
    }

    @Test
    void nothingStaysMappedAfterTheEnd() throws IOException {
        mappings.take(one, SIZE, false).close();
        SpaceMappings.Loan inUse = mappings.take(one, SIZE, true);
        mappings.close();
        assertThat(first(inUse)).isEqualTo((byte) 1);
        inUse.close();
        assertThat(mapped()).isZero();
    }
}
