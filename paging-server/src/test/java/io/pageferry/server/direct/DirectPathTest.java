package io.pageferry.server.direct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.direct.DirectException;
import io.pageferry.direct.DirectPathIn;
import io.pageferry.direct.DirectPathOut;
import io.pageferry.direct.SpaceMappings;
import io.pageferry.linux.FileCalls;
import io.pageferry.path.PagePathException;
import io.pageferry.path.PagePathIn;
import io.pageferry.server.pool.PagingSpace;
import io.pageferry.server.pool.PoolException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pages out and in by the direct path, through a real socket and real mappings. */
class DirectPathTest {
    private static final int PAGE = 4096;
    private static final long SIZE = 8 << 20;
    private static final long EXTENT = 2 << 20;

    private final Arena arena = Arena.ofShared();

    private final SpaceMappings mappings = new SpaceMappings();

    @SuppressWarnings("NullAway.Init")
    private DirectPool served;

    @BeforeEach
    void start() throws IOException {
        served = DirectPool.inMemory();
        served.tokens.put("vm", "secret");
    }

    @AfterEach
    void stop() throws IOException {
        mappings.close();
        served.close();
        arena.close();
    }

    private DirectPathOut out() {
        return new DirectPathOut(served.client("vm", "secret"), mappings);
    }

    private DirectPathIn in() {
        return new DirectPathIn(served.client("vm", ""), mappings);
    }

    private MemorySegment pages(int count, int value) {
        MemorySegment memory = arena.allocate((long) count * PAGE, PAGE);
        memory.fill((byte) value);
        return memory;
    }

    private byte[] read(DirectPathIn in, long offset, int length) {
        MemorySegment into = arena.allocate(length, PAGE);
        List<Throwable> failures = new ArrayList<>();
        in.read(offset, into, failure -> {
            if (failure != null) failures.add(failure);
        });
        assertThat(failures).isEmpty();
        return into.toArray(ValueLayout.JAVA_BYTE);
    }

    private static List<String> changes(PagePathIn in) {
        List<String> ranges = new ArrayList<>();
        in.changed(
                (offset, length, hole) -> ranges.add((offset / PAGE) + "+" + (length / PAGE) + (hole ? " hole" : "")));
        return ranges;
    }

    /** Its mappings are kept by the agent, and must not be those of the space that had the name before. */
    @Test
    void aSpaceThatWasDeletedAndMadeAnewIsAnother() {
        for (int round = 1; round <= 3; round++) {
            served.create("vm", 64 * PAGE, 0);
            try (DirectPathOut out = out();
                    DirectPathIn in = in()) {
                assertThat(read(in, 0, 32 * PAGE)).containsOnly(0);
                out.write(0, pages(32, round));
                out.await();
                assertThat(read(in, 0, 32 * PAGE)).containsOnly(round);
                try (DirectPathIn other = new DirectPathIn(served.client("vm", ""), new SpaceMappings())) {
                    assertThat(read(other, 0, 32 * PAGE)).containsOnly(round);
                }
            }
            // Until the server has seen its users leave, it refuses.
            Awaitility.await()
                    .ignoreExceptionsInstanceOf(PoolException.class)
                    .untilAsserted(() -> served.pool.delete("vm", false));
        }
    }

    @Test
    void whatWentOutComesInAndIsToldOnce() {
        PagingSpace space = served.create("vm", SIZE, 0);
        try (DirectPathOut out = out();
                DirectPathIn in = in()) {
            out.write(3 * PAGE, pages(2, 7));
            out.write(600 * PAGE, pages(1, 8));
            out.await();

            assertThat(changes(in)).containsExactly("3+2", "600+1");
            assertThat(read(in, 3 * PAGE, 2 * PAGE)).containsOnly(7);
            assertThat(read(in, 600 * PAGE, PAGE)).containsOnly(8);
            assertThat(changes(in)).isEmpty();
            assertThat(space.directory().writtenPages()).isEqualTo(3);

            out.write(4 * PAGE, pages(1, 9));
            out.discard(600 * PAGE, PAGE);
            out.flush();

            assertThat(changes(in)).containsExactly("4+1", "600+1 hole");
            assertThat(read(in, 600 * PAGE, PAGE)).containsOnly(0);
        }
    }

    /** Short runs go by descriptor, long ones through a mapping. */
    @Test
    void runsOfAllLengthsComeInAsTheyWentOut() {
        served.create("vm", SIZE, 0);
        try (DirectPathOut out = out();
                DirectPathIn in = in()) {
            for (int count : new int[] {1, 15, 16, 17, 64, 128}) {
                long at = (long) count * PAGE;
                out.write(at, pages(count, count));
                out.await();
                assertThat(read(in, at, count * PAGE)).containsOnly(count);
                assertThat(read(in, 2 * at, PAGE)).doesNotContain(count);
                out.discard(at, at);
            }
        }
    }

    /** Reading a hole through a mapping would allocate it. */
    @Test
    void aLongRunWithHolesReadsAsZeroesThereAndAllocatesNothing() {
        PagingSpace space = served.create("vm", SIZE, 0);
        try (DirectPathOut out = out();
                DirectPathIn in = in()) {
            out.write(0, pages(64, 1));
            out.discard(16 * PAGE, 8L * PAGE);
            out.await();
            try (var file = space.openFile(false)) {
                long before = FileCalls.cachedPages(file, 0, SIZE);
                byte[] found = read(in, 0, 64 * PAGE);
                for (int page = 0; page < 64; page++) {
                    assertThat(found[page * PAGE]).isEqualTo((byte) (page < 16 || page >= 24 ? 1 : 0));
                }
                assertThat(read(in, 4 * EXTENT - 64 * PAGE, 64 * PAGE)).containsOnly(0);
                assertThat(FileCalls.cachedPages(file, 0, SIZE)).isEqualTo(before);
            }
        }
    }

    /** A huge page is looked at once for all its runs, and again after the server was asked what changed. */
    @Test
    void whatWasGivenBackOfAHugePageThatWasWholeIsNotAllocatedAgain() {
        PagingSpace space = served.create("vm", SIZE, 0);
        try (DirectPathOut out = out();
                DirectPathIn in = in()) {
            out.write(0, pages(512, 1));
            out.await();
            assertThat(changes(in)).containsExactly("0+512");
            assertThat(read(in, 0, 64 * PAGE)).containsOnly(1);

            out.discard(64 * PAGE, 64L * PAGE);
            out.await();

            assertThat(changes(in)).containsExactly("64+64 hole");
            try (var file = space.openFile(false)) {
                assertThat(FileCalls.cachedPages(file, 0, EXTENT)).isEqualTo(512 - 64);
                assertThat(read(in, 64 * PAGE, 64 * PAGE)).containsOnly(0);
                assertThat(FileCalls.cachedPages(file, 0, EXTENT)).isEqualTo(512 - 64);
            }
        }
    }

    /** A space of another program of NBD's: its last page is a part of one. */
    @Test
    void whatEndsWithinAPageComesInByTheMappingToo() {
        long size = EXTENT + 64L * PAGE + 100;
        PagingSpace space = served.create("vm", size, 0);
        try (DirectPathOut out = out();
                DirectPathIn in = in();
                var file = space.openFile(true)) {
            out.write(0, pages(512 + 65, 3).asSlice(0, size));
            out.await();
            assertThat(read(in, 0, (int) size)).containsOnly(3);
            assertThat(read(in, EXTENT, 64 * PAGE + 100)).containsOnly(3);
            // Behind its back, so that only a load through the mapping allocates it again.
            FileCalls.punchHole(file, EXTENT + 3 * PAGE, PAGE);
            long before = FileCalls.cachedPages(file, EXTENT, 65 * PAGE);
            assertThat(read(in, EXTENT, 64 * PAGE + 100)).contains(0, 3);
            assertThat(FileCalls.cachedPages(file, EXTENT, 65 * PAGE)).isEqualTo(before + 1);
        }
    }

    @Test
    void aSpaceThatIsCutWhileItIsReadIsAFailureOfTheReadAlone() throws IOException {
        PagingSpace space = served.create("vm", SIZE, 0);
        try (DirectPathOut out = out();
                DirectPathIn in = in()) {
            out.write(0, pages(64, 1));
            out.await();
            assertThat(read(in, 0, 64 * PAGE)).containsOnly(1);
            try (var file = space.openFile(true)) {
                FileCalls.truncate(file, 0);
                for (int count : new int[] {1, 64}) {
                    List<Throwable> failures = new ArrayList<>();
                    in.read(0, pages(count, 0), failure -> {
                        if (failure != null) failures.add(failure);
                    });
                    assertThat(failures).singleElement().isInstanceOf(DirectException.class);
                }
                FileCalls.truncate(file, SIZE);
            }
        }
    }

    @Test
    void scatteredPagesAreGivenTheirExtentAndNoMore() {
        PagingSpace space = served.create("vm", 64 << 20, 0);
        try (DirectPathOut out = out()) {
            for (long at = 0; at < 64 << 20; at += 8 << 20) out.write(at, pages(1, 1));
            out.await();
            assertThat(space.usedBytes()).isEqualTo(8 * EXTENT);
        }
    }

    @Test
    void roomThatIsAskedForAheadIsAtMostWhatWasWrittenBefore() {
        PagingSpace space = served.create("vm", 256 << 20, 0);
        MemorySegment run = pages(64, 1);
        try (DirectPathOut out = out()) {
            for (long at = 0; at < 128 << 20; at += run.byteSize()) {
                out.write(at, run);
                long writtenBytes = at + run.byteSize();
                assertThat(space.usedBytes())
                        .isBetween(writtenBytes, Math.min(2 * writtenBytes, writtenBytes + 16 * EXTENT) + EXTENT);
            }
        }
    }

    @Test
    void aWriterThatWasFencedIsToldSoAndNothingOfItIsNoted() {
        PagingSpace space = served.create("vm", SIZE, 0);
        try (DirectPathOut out = out()) {
            out.write(0, pages(1, 1));
            out.await();
            served.server.fence("vm");
            out.write(PAGE, pages(1, 1));

            assertThatThrownBy(out::await)
                    .isInstanceOfSatisfying(
                            PagePathException.class,
                            failure -> assertThat(failure.isFenced()).isTrue());
            assertThat(space.directory().writtenPages()).isEqualTo(1);
        }
    }

    @Test
    void withoutTheLeaseASpaceOpensForReadingAlone() {
        served.create("vm", SIZE, 0);
        try (var client = served.client("vm", "")) {
            assertThat(client.isWritable()).isFalse();
            assertThat(client.server()).isEqualTo(served.identity);
        }
    }

    @Test
    void aReadersDescriptorCannotWrite() throws IOException {
        PagingSpace space = served.create("vm", SIZE, 0);
        try (var file = space.openFile(false);
                Arena confined = Arena.ofConfined()) {
            MemorySegment page = confined.allocate(PAGE, PAGE);
            assertThatThrownBy(() -> FileCalls.writeAt(file, page, 0)).hasMessageContaining("EBADF");
        }
    }

    @Test
    void aQuotaEndsThePageOutAndWhatItAllowsStillGoesOut() {
        served.create("vm", SIZE, 10 * PAGE);
        try (DirectPathOut out = out()) {
            out.write(0, pages(10, 1));
            out.await();

            assertThatThrownBy(() -> out.write(PAGE * 20, pages(1, 1)))
                    .isInstanceOf(PagePathException.class)
                    .hasMessageContaining("quota");
            out.discard(0, 5 * PAGE);
            out.write(PAGE * 20, pages(1, 1));
            out.flush();
        }
    }

    @Test
    void aSpaceThatIsNotThereAndAWrongTokenAreRefused() {
        served.create("vm", SIZE, 0);
        assertThatThrownBy(() -> served.client("nowhere", ""))
                .isInstanceOf(DirectException.class)
                .hasMessageContaining("no space 'nowhere'");
        assertThatThrownBy(() -> served.client("vm", "guess"))
                .isInstanceOf(DirectException.class)
                .hasMessageContaining("lease token");
    }

    @Test
    void aLostServerIsAFailureOfThePathOnBothWays() throws IOException {
        served.create("vm", SIZE, 0);
        try (DirectPathOut out = out();
                DirectPathIn in = in()) {
            served.server.disconnect("vm");
            assertThatThrownBy(() -> changes(in)).isInstanceOf(PagePathException.class);
            assertThatThrownBy(() -> out.write(0, pages(1, 1))).isInstanceOf(PagePathException.class);
        }
    }
}
