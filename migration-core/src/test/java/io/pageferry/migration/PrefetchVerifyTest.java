package io.pageferry.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.pageferry.heat.Order;
import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.Mapping;
import io.pageferry.manifest.Checksums;
import io.pageferry.manifest.Manifest;
import io.pageferry.manifest.PageState;
import io.pageferry.manifest.SpaceLayout;
import io.pageferry.page.PageRange;
import io.pageferry.page.PageSet;
import io.pageferry.pager.WaitingMemory;
import io.pageferry.path.PagePathIn;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A space in memory, spoilt in ways that storage and wires have. */
class PrefetchVerifyTest {
    private static final int PAGE = SpaceLayout.PAGE_BYTES;
    private static final int PAGES = 3000;

    private final SpaceLayout layout = new SpaceLayout(PAGES);
    private final Arena arena = Arena.ofShared();
    private final MemorySegment space = arena.allocate(SpaceLayout.sizeBytes(PAGES), PAGE);
    private final Manifest written = new Manifest(layout);
    private final PageSet changed = new PageSet(SpaceLayout.sizeBytes(PAGES) / PAGE);
    private final Map<Long, Integer> badReads = new HashMap<>();
    private final Descriptor memfd = FileCalls.memfd("verify-test", (long) PAGES * PAGE);
    private final WaitingMemory memory = new WaitingMemory(memfd, Mapping.readWrite(memfd, (long) PAGES * PAGE, arena));
    private final Prefetch prefetch =
            new Prefetch(new Space(), memfd, memory, new Manifest(layout), Order.ADDRESS, new Progress());

    PrefetchVerifyTest() {
        for (long page = 0; page < PAGES; page++) write(page, page * 31 + 1);
        sendManifest();
    }

    @AfterEach
    void close() {
        memfd.close();
        arena.close();
    }

    private void write(long page, long mark) {
        space.set(ValueLayout.JAVA_LONG, page * PAGE, mark);
        written.setState(page, PageState.DATA, false);
        written.setChecksum(page, Checksums.crc32c(space.asSlice(page * PAGE, PAGE)));
        changed.addRange(page, 1);
    }

    private void sendManifest() {
        MemorySegment.copy(written.bytes(), 0, space, layout.manifestOffset(), layout.manifestBytes());
        changed.addRange(layout.manifestOffset() / PAGE, layout.manifestBytes() / PAGE);
    }

    /** A way in that may still have reads under way, each of which takes so long. */
    private final class Remote extends Space {
        private long takesNs;

        Remote(long takesNs) {
            this.takesNs = takesNs;
        }

        @Override
        public void read(long offset, MemorySegment into, Done done) {
            if (takesNs > 0) LockSupport.parkNanos(takesNs);
            super.read(offset, into, done);
        }

        @Override
        public boolean isImmediate() {
            return false;
        }
    }

    /** The way in, by the thread that reads. */
    private class Space implements PagePathIn {
        @Override
        public void read(long offset, MemorySegment into, Done done) {
            MemorySegment.copy(space, offset, into, 0, into.byteSize());
            badReads.replaceAll((page, left) -> {
                boolean isRead = left > 0 && page * PAGE >= offset && page * PAGE < offset + into.byteSize();
                if (isRead) into.set(ValueLayout.JAVA_BYTE, page * PAGE - offset, (byte) 0x5a);
                return isRead ? left - 1 : left;
            });
            done.done(null);
        }

        @Override
        public void readUrgent(long offset, MemorySegment into, Done done) {
            read(offset, into, done);
        }

        @Override
        public void changed(Changed visitor) {
            changed.forEachRange((first, count) -> visitor.range(first * PAGE, count * PAGE, false));
            changed.clear();
        }

        @Override
        public boolean isImmediate() {
            return true;
        }

        @Override
        public void close() {}
    }

    private void assertAllIsRight() {
        assertThat(prefetch.mismatches().isEmpty()).isTrue();
        prefetch.held().forEachRange((first, count) -> {
            for (long page = first; page < first + count; page++) {
                long mark = memory.pages(page, 1).get(ValueLayout.JAVA_LONG, 0);
                assertThat(mark).as("page %s", page).isEqualTo(space.get(ValueLayout.JAVA_LONG, page * PAGE));
            }
        });
    }

    @Test
    void whatIsRightPassesAndIsCaughtUpWith() {
        prefetch.verify(() -> false);
        assertThat(prefetch.held().size()).isEqualTo(PAGES);
        assertAllIsRight();
    }

    @Test
    void aPageThatWasReadWrongOnceIsFetchedAgain() {
        badReads.put(2100L, 1);
        prefetch.verify(() -> false);
        assertThat(badReads).containsEntry(2100L, 0);
        assertAllIsRight();
    }

    @Test
    void aPageThatIsWrongInTheSpaceEndsTheMigrationByItsName() {
        space.set(ValueLayout.JAVA_BYTE, 2100L * PAGE + 77, (byte) 1);
        assertThatThrownBy(() -> prefetch.verify(() -> false))
                .isInstanceOf(CorruptPageException.class)
                .hasMessageContaining("page 2100 ");
    }

    @Test
    void aPageThatWasRewrittenSinceItWasFetchedIsNoDamage() {
        prefetch.verify(() -> false);
        for (long page = 500; page < 700; page++) write(page, page + 7_000_000);
        sendManifest();
        prefetch.verify(() -> false);
        assertAllIsRight();
    }

    /** Scattered over huge pages where the kernel has any, so that a page may have to go with its whole extent. */
    @Test
    void whatIsStaleAndDroppedHasNoFrameIsNotHeldAndComesAgain() {
        prefetch.verify(() -> false);
        for (long page = 3; page < PAGES; page += 5) write(page, page + 7_000_000);
        prefetch.ask();
        prefetch.dropStale();
        PageSet resident = memory.resident();
        PageSet held = prefetch.held().copy();
        for (long page = 3; page < PAGES; page += 5) {
            assertThat(resident.contains(page) || held.contains(page))
                    .as("page %s", page)
                    .isFalse();
        }
        held.removeAll(resident);
        assertThat(held.isEmpty()).as("what is held has a frame").isTrue();
        PageSet known = prefetch.filled();
        assertThat(known.size()).as("what has a frame is known to have one").isEqualTo(resident.size());
        known.removeAll(resident);
        assertThat(known.isEmpty()).isTrue();

        sendManifest();
        prefetch.verify(() -> false);
        for (long page = 3; page < PAGES; page += 5)
            assertThat(prefetch.held().contains(page)).as("page %s", page).isTrue();
        assertAllIsRight();
    }

    @Test
    void byAPathThatAnswersAtOnceTheProgramWaitsForWhatWasStaleUnlessNothingWasPrefetched() {
        prefetch.fetchLast(false);
        assertThat(prefetch.held().size()).as("all is in the space still").isLessThan(PAGES / 2);
        prefetch.fetchLast(true);
        assertThat(prefetch.held().size()).isEqualTo(PAGES);
        assertAllIsRight();
    }

    /** More than are waited for in any case, scattered so that each is a read of its own. */
    private void rewriteSome() {
        for (long page = 0; page < 2080; page += 8) write(page, page + 7_000_000);
    }

    private Prefetch caughtUp(Remote remote) {
        Prefetch fetching = new Prefetch(remote, memfd, memory, new Manifest(layout), Order.ADDRESS, new Progress());
        assertThat(fetching.catchesUp()).as("before anything was measured").isFalse();
        fetching.verify(() -> false);
        fetching.fetchAll();
        rewriteSome();
        return fetching;
    }

    @Test
    void byAPathThatIsQuickEnoughTheProgramWaitsForWhatWasStale() {
        Prefetch fetching = caughtUp(new Remote(0));
        fetching.fetchLast(true);
        assertThat(fetching.held().size()).isEqualTo(PAGES);
        assertThat(fetching.mismatches().isEmpty()).as("of the manifest before").isFalse();
    }

    @Test
    void byASlowPathTheProgramDoesNotWait() {
        Prefetch fetching = caughtUp(new Remote(30_000_000));
        fetching.fetchLast(true);
        assertThat(fetching.held().size()).isEqualTo(PAGES - 260);
    }

    @Test
    void byAPathThatHasBecomeSlowTheProgramWaitsForAMomentOnly() {
        Remote remote = new Remote(0);
        Prefetch fetching = caughtUp(remote);
        remote.takesNs = 10_000_000;
        fetching.fetchLast(true);
        assertThat(fetching.held().size()).isBetween(PAGES - 259L, PAGES - 100L);
    }

    @Test
    void aFewStalePagesAreNotDropped() {
        prefetch.verify(() -> false);
        for (long page = 0; page < 100; page++) write(page, page + 7_000_000);
        prefetch.ask();
        prefetch.dropStale();
        assertThat(memory.resident().size()).isEqualTo(PAGES);
    }

    @Test
    void aPageThatTheProgramWroteWhileItWasCopiedIsNoDamage() {
        space.set(ValueLayout.JAVA_BYTE, 2100L * PAGE + 77, (byte) 1);
        written.setUnsettled(2100);
        sendManifest();
        prefetch.verify(() -> false);
        assertThat(prefetch.mismatches().size())
                .as("compared again after the commit")
                .isEqualTo(1);
        write(2100, 5);
        sendManifest();
        prefetch.verify(() -> false);
        assertAllIsRight();
    }

    @ParameterizedTest
    @EnumSource(
            value = Order.class,
            names = {"ADDRESS", "HOT_FIRST"})
    void aHoleBetweenPagesComesAlongAsZeroesAndAPageThatIsPutOffIsNoDamage(Order order) {
        Space remote = new Space() {
            @Override
            public boolean isImmediate() {
                return false;
            }
        };
        Prefetch ordered = new Prefetch(remote, memfd, memory, new Manifest(layout), order, new Progress());
        for (long page : new long[] {777, 1500}) changed.removeRange(page, 1);
        space.asSlice(777L * PAGE, PAGE).fill((byte) 0);
        written.setState(777, PageState.HOLE, false);
        written.setUnsettled(1500); // what the space holds of it is of an earlier migration
        space.set(ValueLayout.JAVA_LONG, 1500L * PAGE, -1);
        sendManifest();
        ordered.ask(); // what was reported before the last question is fetched by rank, if the order knows one
        ordered.verify(() -> false);
        assertThat(ordered.bridgedZeroes().ranges()).containsExactly(new PageRange(777, 1));
        write(1500, 42);
        sendManifest();
        ordered.verify(() -> false);
        assertThat(ordered.mismatches().ranges()).containsExactly(new PageRange(777, 1));
    }

    /** A read of its own costs no request there, and a hole that is read through a mapping is allocated. */
    @Test
    void byAPathThatAnswersAtOnceNoHoleComesAlong() {
        changed.removeRange(777, 1);
        space.asSlice(777L * PAGE, PAGE).fill((byte) 0);
        written.setState(777, PageState.HOLE, false);
        sendManifest();
        prefetch.ask();
        prefetch.verify(() -> false);
        assertThat(prefetch.bridgedZeroes().isEmpty()).isTrue();
        assertThat(prefetch.held().contains(777)).isFalse();
        assertAllIsRight();
    }

    @Test
    void whatIsInPlaceIsLookedAtToTheEndHoweverLateTheAnswerComesAndOverNoGap() {
        changed.removeRange(777, 1);
        FileCalls.writeAt(memfd, space.asSlice(0, (long) PAGES * PAGE), 0);
        Space late = new Space() {
            @Override
            public boolean isInPlace() {
                return true;
            }

            @Override
            public int checksumInPlace(long pageIndex) {
                return Checksums.crc32c(memory.pages(pageIndex, 1));
            }

            @Override
            public boolean isImmediate() {
                return false;
            }

            @Override
            public void changed(Changed visitor) {
                super.changed(visitor);
                LockSupport.parkNanos(150_000_000); // longer than a target may take to catch up
            }
        };
        Prefetch inPlace = new Prefetch(late, memfd, memory, new Manifest(layout), Order.HOT_FIRST, new Progress());
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> inPlace.verify(() -> false));
        inPlace.fetchLast(true);
        assertThat(inPlace.held().size()).isEqualTo(PAGES - 1);
        assertThat(inPlace.held().contains(777)).isFalse();
    }

    @Test
    void whatIsNotFetchedYetIsNotTakenForDamaged() {
        prefetch.ask();
        prefetch.verify(() -> true);
        assertThat(prefetch.held().isEmpty()).isTrue();
    }
}
