package io.pageferry.server.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.Mapping;
import io.pageferry.server.pool.PoolException.Reason;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PoolTest {
    private static final long PAGE = 4096;
    private static final long PIECE = 256 << 10;
    private static final long EXTENT = Mapping.HUGE_BYTES;

    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private Pool pool;

    @BeforeEach
    void open() throws Exception {
        folder = Files.createTempDirectory(Path.of("/dev/shm"), "pool");
        pool = Pool.open(folder);
    }

    @AfterEach
    void remove() throws Exception {
        pool.close();
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    private static void write(PagingSpace space, long offset, long length, int value) {
        long ticket = space.enter();
        try {
            space.ensureAllocated(offset, length);
            space.memory().asSlice(offset, length).fill((byte) value);
            space.markWritten(offset, length);
        } finally {
            space.leave(ticket);
        }
    }

    private static byte read(PagingSpace space, long offset) {
        return space.memory().get(ValueLayout.JAVA_BYTE, offset);
    }

    /** An agent keeps it mapped between two migrations. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDeletedSpaceGivesItsStorageBackThoughItIsMapped(boolean open) throws Exception {
        PagingSpace space = pool.create("vm", 8 * PAGE + 100, OptionalLong.empty());
        write(space, 0, 8 * PAGE + 100, 7);
        try (Descriptor file = FileCalls.open(folder.resolve("vm.space"), FileCalls.OpenMode.READ_WRITE);
                Arena arena = Arena.ofConfined()) {
            MemorySegment mapped =
                    Mapping.readWrite(file, 8 * PAGE + 100, arena).segment();
            assertThat(mapped.get(ValueLayout.JAVA_BYTE, 8 * PAGE)).isEqualTo((byte) 7);
            if (!open) {
                pool.close();
                pool = Pool.open(folder);
            }

            pool.delete("vm", false);

            assertThat(FileCalls.nextData(file, 0)).isNegative();
            assertThat(mapped.get(ValueLayout.JAVA_BYTE, 8 * PAGE)).isZero();
        }
    }

    @Test
    void whoUsesASpaceThatIsDeletedByForceKeepsWhatItHolds() throws Exception {
        PagingSpace space = pool.create("vm", 8 * PAGE, OptionalLong.empty());
        write(space, 0, 8 * PAGE, 7);
        try (Descriptor file = FileCalls.open(folder.resolve("vm.space"), FileCalls.OpenMode.READ)) {
            assertThat(space.uses().tryAcquire()).isTrue();
            pool.delete("vm", true);
            assertThat(read(space, 7 * PAGE)).isEqualTo((byte) 7);
            space.uses().release();
            // Its connection has been ended, and it still reads.
            assertThat(FileCalls.nextData(file, 0)).isZero();
        }
    }

    private long storedBytes(String name) throws Exception {
        Path file = folder.resolve(name + ".space");
        Process stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
        String blocks = new String(stat.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return Long.parseLong(blocks) * 512;
    }

    private void reopen() {
        pool.close();
        pool = Pool.open(folder);
    }

    @Test
    void aTebibyteSpaceCostsNothingUntilItIsWritten() throws Exception {
        PagingSpace space = pool.create("big", 1L << 40, OptionalLong.empty());
        assertThat(storedBytes("big")).isZero();

        long last = (1L << 40) - 1;
        write(space, last, 1, 7);

        assertThat(read(space, last)).isEqualTo((byte) 7);
        assertThat(storedBytes("big")).isEqualTo(PAGE);
        assertThat(space.usedBytes()).isEqualTo(PAGE);
    }

    @Test
    void aSizeNeedNotBeAMultipleOfThePage() {
        PagingSpace space = pool.create("odd", 3 * PAGE + 5, OptionalLong.empty());
        write(space, 3 * PAGE, 5, 9);
        assertThat(space.directory().isWritten(3)).isTrue();

        space.discard(3 * PAGE, 5, WriteGuard.ALLOWED);

        assertThat(space.directory().isWritten(3)).isFalse();
        assertThat(space.usedBytes()).isZero();
    }

    @Test
    void whatWasWrittenIsThereAfterReopening() {
        write(pool.create("a", 100 * PAGE, OptionalLong.empty()), 10 * PAGE + 1, 2 * PAGE, 5);
        reopen();

        PagingSpace space = pool.open("a");

        assertThat(read(space, 10 * PAGE + 1)).isEqualTo((byte) 5);
        assertThat(space.directory().isWritten(9)).isFalse();
        assertThat(space.directory().isWritten(10)).isTrue();
        assertThat(space.directory().isWritten(12)).isTrue();
        assertThat(space.directory().isWritten(13)).isFalse();
        assertThat(space.usedBytes()).isEqualTo(3 * PAGE);
    }

    @Test
    void aLostDirectoryIsRebuiltFromTheFile() throws Exception {
        write(pool.create("a", 100 * PAGE, OptionalLong.empty()), 10 * PAGE, PAGE, 5);
        pool.close();
        Files.delete(folder.resolve("a.directory"));
        pool = Pool.open(folder);

        assertThat(pool.open("a").directory().isWritten(10)).isTrue();
        assertThat(pool.open("a").directory().writtenPages()).isEqualTo(1);
    }

    @Test
    void aQuotaIsExactAlsoForASequentialWriter() {
        PagingSpace space = pool.create("q", 100 * PAGE, OptionalLong.of(10 * PAGE));
        for (int page = 0; page < 10; page++) {
            write(space, page * PAGE, PAGE, 1);
        }
        assertThatThrownBy(() -> write(space, 10 * PAGE, 1, 1)).isInstanceOf(QuotaExceededException.class);
        write(space, 0, 10 * PAGE, 2); // overwriting needs none

        space.discard(0, PAGE, WriteGuard.ALLOWED);
        write(space, 50 * PAGE, PAGE, 1);

        assertThatThrownBy(() -> write(space, 51 * PAGE, PAGE, 1)).isInstanceOf(QuotaExceededException.class);
        reopen();
        assertThat(pool.open("q").quotaBytes()).hasValue(10 * PAGE);
        assertThatThrownBy(() -> write(pool.open("q"), 51 * PAGE, PAGE, 1)).isInstanceOf(QuotaExceededException.class);
    }

    @Test
    void whatIsAllocatedAheadOfASequentialWriterIsGivenBack() throws Exception {
        PagingSpace space = pool.create("s", 10_000 * PAGE, OptionalLong.empty());
        for (int page = 0; page < 2000; page++) {
            write(space, page * PAGE, PAGE, 1);
        }
        assertThat(storedBytes("s")).isGreaterThan(2000 * PAGE);

        space.releaseUnused();

        assertThat(storedBytes("s")).isEqualTo(2000 * PAGE);
        assertThat(space.usedBytes()).isEqualTo(2000 * PAGE);
    }

    /** As the connections of a copier do, by pieces of 256 KiB; the seed is the order. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void aWriterWhosePiecesPassEachOtherIsGivenWholeExtents(long seed) throws Exception {
        long pages = 64 * EXTENT / PAGE + 3;
        PagingSpace space = pool.create("w", pages * PAGE, OptionalLong.of(pages * PAGE));
        List<Long> pieces =
                new ArrayList<>(LongStream.range(0, 64 * EXTENT / PIECE).boxed().toList());
        for (int first = 0; first < pieces.size(); first += 16) {
            Collections.shuffle(pieces.subList(first, first + 16), new Random(seed));
        }
        int opened = 0;
        int whole = 0;
        Set<Long> extents = new HashSet<>();
        for (long piece : pieces.subList(0, pieces.size() / 2)) {
            long storedBefore = storedBytes("w");
            write(space, piece * PIECE, PIECE, 1);
            long stored = storedBytes("w") - storedBefore;
            if (extents.add(piece * PIECE / EXTENT)) {
                opened++;
                if (stored == EXTENT) whole++;
            }
        }
        assertThat(opened).isEqualTo(32);
        assertThat(whole).as("extents allocated whole by their first piece").isGreaterThanOrEqualTo(26);
        assertThat(space.usedBytes()).isEqualTo(32 * EXTENT);
        write(space, 64 * EXTENT, 3 * PAGE, 1);
        space.releaseUnused();
        assertThat(storedBytes("w")).isEqualTo(32 * EXTENT + 3 * PAGE);
    }

    @Test
    void aWriterThatScattersIsGivenNothingButWhatItWrites() throws Exception {
        PagingSpace space = pool.create("w", 64 * EXTENT, OptionalLong.empty());
        long written = 0;
        for (long extent = 0; extent < 64; extent++) {
            write(space, extent * EXTENT + 7 * PAGE, EXTENT / 2, 1);
            write(space, extent * EXTENT + EXTENT * 3 / 4, PAGE, 1);
            written += EXTENT / 2 + PAGE;
            assertThat(storedBytes("w")).isEqualTo(written);
        }
    }

    @Test
    void zeroingGivesStorageBackUnlessItMustNot() throws Exception {
        PagingSpace space = pool.create("z", 100 * PAGE, OptionalLong.empty());
        write(space, 0, 20 * PAGE, 3);

        space.zero(PAGE - 10, 2 * PAGE + 20, false, WriteGuard.ALLOWED);

        assertThat(storedBytes("z")).isEqualTo(18 * PAGE);
        assertThat(read(space, PAGE - 11)).isEqualTo((byte) 3);
        assertThat(read(space, PAGE - 10)).isZero();
        assertThat(read(space, 3 * PAGE + 9)).isZero();
        assertThat(read(space, 3 * PAGE + 10)).isEqualTo((byte) 3);
        assertThat(space.directory().isWritten(1)).isFalse();

        space.zero(50 * PAGE, 10 * PAGE, true, WriteGuard.ALLOWED);
        assertThat(storedBytes("z")).isEqualTo(28 * PAGE);
        assertThat(space.directory().isWritten(55)).isTrue();
    }

    @Test
    void zeroingAcrossAPageBorderTouchesBothPages() {
        PagingSpace space = pool.create("z", 100 * PAGE, OptionalLong.empty());
        write(space, PAGE, PAGE, 3);

        space.zero(PAGE - 10, 20, false, WriteGuard.ALLOWED);

        assertThat(read(space, PAGE)).isZero();
        assertThat(read(space, PAGE + 10)).isEqualTo((byte) 3);
        assertThat(space.directory().isWritten(0)).isFalse();
    }

    @Test
    void twoServersCannotUseOnePool() {
        assertThatThrownBy(() -> Pool.open(folder))
                .isInstanceOfSatisfying(
                        PoolException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNUSABLE));
    }

    @Test
    void aSpaceThatIsUsedIsDeletedByForceAlone() {
        PagingSpace space = pool.create("a", PAGE, OptionalLong.empty());
        pool.acquire("a");
        assertThatThrownBy(() -> pool.delete("a", false))
                .isInstanceOfSatisfying(
                        PoolException.class, e -> assertThat(e.reason()).isEqualTo(Reason.IN_USE));

        pool.delete("a", true);

        assertThat(pool.list()).isEmpty();
        write(space, 0, PAGE, 1); // whoever used it still can
        assertThatThrownBy(() -> pool.create("a", PAGE, OptionalLong.empty())).hasMessageContaining("still in use");
        space.uses().release();
        pool.create("a", PAGE, OptionalLong.empty());
        assertThat(space.uses().tryAcquire()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "a;lease=x", "-x", "a b", "ä"})
    void badNamesAreRefused(String name) {
        assertThatThrownBy(() -> pool.create(name, PAGE, OptionalLong.empty()))
                .isInstanceOfSatisfying(
                        PoolException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID));
    }

    @Test
    void aNameIsTakenOnce() {
        pool.create("a", PAGE, OptionalLong.empty());
        assertThatThrownBy(() -> pool.create("a", PAGE, OptionalLong.empty()))
                .isInstanceOfSatisfying(
                        PoolException.class, e -> assertThat(e.reason()).isEqualTo(Reason.EXISTS));
    }
}
