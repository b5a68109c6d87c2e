package io.pageferry.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileCallsTest {
    private static final long PAGE = 4096;

    @Test
    void whatIsWrittenAtAnOffsetIsReadThereAndTheRestStaysAHole() {
        try (Descriptor memory = FileCalls.memfd("test", 16 * PAGE);
                Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(PAGE).fill((byte) 7);
            assertThat(FileCalls.writeAt(memory, bytes, 5 * PAGE)).isEqualTo(PAGE);

            MemorySegment read = arena.allocate(PAGE);
            assertThat(FileCalls.readAt(memory, read, 5 * PAGE)).isEqualTo(PAGE);
            assertThat(read.mismatch(bytes)).isEqualTo(-1);
            assertThat(FileCalls.readAt(memory, read, 16 * PAGE)).isZero();
            assertThat(FileCalls.nextData(memory, 0)).isEqualTo(5 * PAGE);
            assertThat(FileCalls.nextHole(memory, 5 * PAGE)).isEqualTo(6 * PAGE);
            assertThat(FileCalls.nextData(memory, 6 * PAGE)).isEqualTo(-1);
            assertThat(FileCalls.nextHole(memory, 16 * PAGE)).isEqualTo(-1);
        }
    }

    @Test
    void aPunchedHoleReadsAsZeroesInEveryMapping() {
        try (Descriptor memory = FileCalls.memfd("test", 4 * PAGE);
                Arena arena = Arena.ofConfined()) {
            Mapping one = Mapping.readWrite(memory, 4 * PAGE, arena);
            Mapping other = Mapping.readOnly(memory, 4 * PAGE, arena);
            one.segment().fill((byte) 9);
            assertThat(other.segment().get(ValueLayout.JAVA_BYTE, PAGE)).isEqualTo((byte) 9);
            FileCalls.punchHole(memory, PAGE, PAGE);

            assertThat(FileCalls.nextHole(memory, 0)).isEqualTo(PAGE);
            assertThat(other.segment().get(ValueLayout.JAVA_BYTE, PAGE)).isZero();
            assertThat(other.segment().get(ValueLayout.JAVA_BYTE, 2 * PAGE)).isEqualTo((byte) 9);
        }
    }

    @Test
    void aSealedMemfdKeepsItsSizeAndAnOrdinaryOneIsTold() {
        try (Descriptor sealed = FileCalls.sealedMemfd("sealed", PAGE);
                Descriptor plain = FileCalls.memfd("plain", PAGE)) {
            assertThat(FileCalls.hasSealedSize(sealed)).isTrue();
            assertThat(FileCalls.hasSealedSize(plain)).isFalse();
            assertThatThrownBy(() -> FileCalls.truncate(sealed, 0))
                    .isInstanceOfSatisfying(
                            LinuxException.class,
                            failure -> assertThat(failure.errno()).isEqualTo(Errno.EPERM))
                    .hasMessageStartingWith("ftruncate(");
            assertThat(FileCalls.size(sealed)).isEqualTo(PAGE);
        }
    }

    @Test
    void copyRangeCopiesBetweenFiles(@TempDir Path folder) {
        try (Descriptor from = FileCalls.open(folder.resolve("a"), FileCalls.OpenMode.CREATE);
                Descriptor to = FileCalls.open(folder.resolve("b"), FileCalls.OpenMode.CREATE);
                Arena arena = Arena.ofConfined()) {
            FileCalls.writeAt(from, arena.allocateFrom("0123456789"), 0);
            assertThat(FileCalls.copyRange(from, 2, to, 5, 4)).isEqualTo(4);

            MemorySegment read = arena.allocate(4);
            FileCalls.readAt(to, read, 5);
            assertThat(new String(read.toArray(ValueLayout.JAVA_BYTE), java.nio.charset.StandardCharsets.US_ASCII))
                    .isEqualTo("2345");
            FileCalls.syncData(to);
            FileCalls.sync(to);
        }
    }

    @Test
    void aNewFileIsForItsOwnerAlone(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("new");
        FileCalls.open(file, FileCalls.OpenMode.CREATE).close();
        assertThat((int) Files.getAttribute(file, "unix:mode") & 0777).isEqualTo(0600);
    }

    @Test
    void aFailureNamesTheFileAndTheReason(@TempDir Path folder) {
        assertThatThrownBy(() -> FileCalls.open(folder.resolve("absent"), FileCalls.OpenMode.READ))
                .hasMessageContaining("absent")
                .hasMessageContaining("ENOENT, no such file");
    }

    @Test
    void whatIsAllocatedAndNeverWrittenStillCountsAsAHole() {
        try (Descriptor memory = FileCalls.memfd("test", 8 * PAGE)) {
            FileCalls.allocate(memory, 0, 4 * PAGE);
            assertThat(FileCalls.nextData(memory, 0)).isEqualTo(-1);
            assertThat(FileCalls.isInMemory(memory)).isTrue();
        }
    }

    @Test
    void whatIsCachedIsCountedAndHolesAreNot() {
        long extent = Mapping.HUGE_BYTES;
        try (Descriptor memory = FileCalls.memfd("test", 2 * extent);
                Arena arena = Arena.ofConfined()) {
            assertThat(FileCalls.cachedPages(memory, 0, 2 * extent)).isZero();
            MemorySegment page = arena.allocate(PAGE).fill((byte) 1);
            FileCalls.writeAt(memory, page, 0);
            FileCalls.writeAt(memory, page, extent + 3 * PAGE);
            assertThat(FileCalls.cachedPages(memory, 0, extent)).isEqualTo(1);
            assertThat(FileCalls.cachedPages(memory, 0, 2 * extent)).isEqualTo(2);
            assertThat(Mapping.readWrite(memory, 2 * extent, arena).collapse(0, extent))
                    .isTrue();
            assertThat(FileCalls.cachedPages(memory, 0, extent)).isEqualTo(extent / PAGE);
            FileCalls.punchHole(memory, PAGE, PAGE);
            assertThat(FileCalls.cachedPages(memory, 0, extent)).isEqualTo(extent / PAGE - 1);
        }
    }

    @Test
    void aClosedDescriptorIsNeverUsedAgain() {
        Descriptor memory = FileCalls.memfd("test", PAGE);
        Descriptor second = memory.duplicate();
        memory.close();
        memory.close();
        assertThatThrownBy(memory::number).hasMessageContaining("is closed");
        assertThat(FileCalls.size(second)).isEqualTo(PAGE);
        second.close();
    }
}
