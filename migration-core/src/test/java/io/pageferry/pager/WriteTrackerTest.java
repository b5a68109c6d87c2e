package io.pageferry.pager;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.Mapping;
import io.pageferry.page.PageSet;
import io.pageferry.testing.KernelRequirement;
import io.pageferry.testing.TestSeed;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WriteTrackerTest {
    private static final long PAGES = 6000; // more than eleven page tables, and not a whole number of them
    private static final long PAGE = 4096;

    @TempDir
    Path directory;

    @BeforeAll
    static void require() {
        KernelRequirement.userfaultfd();
    }

    /** Which of the two it is depends on the kernel; where it needs no second scan, one more may not change anything. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyPageWrittenIsReportedAndNoOther(boolean looksForTables) {
        boolean asTheKernelNeedsIt = looksForTables || !AbsentTables.areReported();
        Random random = TestSeed.random(WriteTrackerTest.class);
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, false)) {
            program.run("write " + random.nextLong() + " 50");
            WriteTracker tracker = new WriteTracker(program.attached().memory(), asTheKernelNeedsIt);
            try (WrittenPages written = tracker.open()) {
                for (int round = 0; round < 150; round++) {
                    long seed = random.nextLong();
                    int count = random.nextInt(120);
                    program.run("access " + seed + " " + count);
                    PageSet expected = AccessPlan.of(seed, count, PAGES, true).written(PAGES);
                    if (random.nextBoolean()) program.run("drop 0 " + PAGES);
                    assertThat(written.take().ranges()).isEqualTo(expected.ranges());
                }
                assertThat(written.take().isEmpty()).isTrue();
            }
        }
    }

    @Test
    void pagesWhoseEntriesAreDroppedAfterTheyWereWrittenAreReportedEvenByWholePageTables() {
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, false)) {
            WriteTracker tracker = new WriteTracker(program.attached().memory());
            WrittenPages written = tracker.open();
            for (long seed = 0; seed < 20; seed++) {
                program.run("write " + seed + " 1500");
                program.run("drop 0 " + PAGES);
                program.run("access " + seed + " 0");
                assertThat(written.take())
                        .isEqualTo(AccessPlan.of(seed, 1500, PAGES, false).written(PAGES));
                assertThat(written.take().isEmpty()).isTrue();
            }
        }
    }

    @Test
    void aHoleIsReportedWhereItTookAwayWhatWasWritten() {
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, false)) {
            WrittenPages written = new WriteTracker(program.attached().memory()).open();
            program.run("write 1 1000");
            program.run("punch 0 " + PAGES);
            assertThat(written.take())
                    .isEqualTo(AccessPlan.of(1, 1000, PAGES, false).written(PAGES));
        }
    }

    @Test
    void everyReaderLearnsOfEveryPageWhoeverScans() {
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, false)) {
            WriteTracker tracker = new WriteTracker(program.attached().memory());
            WrittenPages early = tracker.open();
            program.run("write 1 40");
            WrittenPages late = tracker.open();
            program.run("write 2 40");
            PageSet first = AccessPlan.of(1, 40, PAGES, false).written(PAGES);
            PageSet second = AccessPlan.of(2, 40, PAGES, false).written(PAGES);
            assertThat(late.take()).isEqualTo(second);
            first.addAll(second);
            assertThat(early.take()).isEqualTo(first);
            assertThat(late.take().isEmpty()).isTrue();
        }
    }

    @Test
    void aReaderThatOpensWithoutAScanMissesNothingFromThenOn() {
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, false)) {
            WriteTracker tracker = new WriteTracker(program.attached().memory());
            WrittenPages early = tracker.open();
            program.run("write 1 40");
            WrittenPages late = tracker.openWithoutScan();
            program.run("write 2 40");
            PageSet all = AccessPlan.of(1, 40, PAGES, false).written(PAGES);
            all.addAll(AccessPlan.of(2, 40, PAGES, false).written(PAGES));
            assertThat(late.take()).isEqualTo(all);
            assertThat(early.take()).isEqualTo(all);
        }
    }

    @Test
    void whatIsAbandonedIsForgottenAndCanBeTrackedAnew() {
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, false)) {
            WriteTracker tracker = new WriteTracker(program.attached().memory());
            WrittenPages first = tracker.open();
            program.run("write 1 40");
            assertThat(first.take().isEmpty()).isFalse();
            program.run("write 2 40");
            tracker.abandon();
            assertThat(first.knownCount()).isZero();
            assertThat(tracker.isArmed()).isFalse();
            first.close();
            try (WrittenPages again = tracker.open()) {
                assertThat(again.take().isEmpty()).isTrue();
                program.run("write 3 40");
                assertThat(again.take())
                        .isEqualTo(AccessPlan.of(3, 40, PAGES, false).written(PAGES));
            }
        }
    }

    @Test
    void aMappingThatComesIntoUseLaterIsTrackedFromThenOnAndMayHaveBeenWrittenBefore() {
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, false)) {
            TrackedMemory memory = program.attached().memory();
            List<Long> inUse = new ArrayList<>(memory.bases().subList(0, 1));
            WriteTracker tracker = new WriteTracker(memory, () -> List.copyOf(inUse));
            PageSet everyTenth = new PageSet(PAGES);
            for (long page = 0; page < PAGES; page += 10) everyTenth.add(page);
            try (WrittenPages written = tracker.open()) {
                program.run("write-each 10 0");
                assertThat(written.take()).isEqualTo(everyTenth);
                program.run("write-each 10 1");
                inUse.add(memory.bases().get(1));
                assertThat(written.take().size()).isEqualTo(PAGES);
                program.run("write-each 10 1");
                assertThat(written.take()).isEqualTo(everyTenth);
                assertThat(written.take().isEmpty()).isTrue();
            }
            tracker.disarm();
            try (WrittenPages written = tracker.open()) {
                program.run("write-each 10 1");
                assertThat(written.take()).isEqualTo(everyTenth);
                program.run("write-each 10 0");
                assertThat(written.take()).isEqualTo(everyTenth);
            }
        }
    }

    /** An armed entry of a huge page would be dropped by the first write, and 512 pages count as written. */
    @Test
    void aWriteIntoAHugePageIsReportedAsThatPageAlone() {
        Random random = TestSeed.random(WriteTrackerTest.class);
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, false);
                Arena arena = Arena.ofConfined()) {
            Descriptor memfd = program.attached().memfd();
            WaitingMemory memory = new WaitingMemory(memfd, Mapping.readWrite(memfd, PAGES * PAGE, arena));
            for (long page = 0; page + WaitingMemory.EXTENT_PAGES <= PAGES; page += WaitingMemory.EXTENT_PAGES) {
                assertThat(memory.gather(page)).isTrue();
            }
            // Entries of both mappings, huge ones where the kernel makes them.
            program.run("write 1 400");
            WriteTracker tracker = new WriteTracker(program.attached().memory());
            for (int migration = 0; migration < 3; migration++) {
                try (WrittenPages written = tracker.open()) {
                    for (int round = 0; round < 20; round++) {
                        long seed = random.nextLong();
                        program.run("access " + seed + " 60");
                        if (random.nextBoolean()) program.run("drop 0 " + PAGES);
                        assertThat(written.take().ranges())
                                .isEqualTo(AccessPlan.of(seed, 60, PAGES, true)
                                        .written(PAGES)
                                        .ranges());
                    }
                }
                tracker.disarm();
                program.run("drop 0 " + PAGES);
                program.run("write " + migration + " 400");
            }
        }
    }

    @Test
    void nothingIsTrackedOnceDisarmedAndAllIsOnceArmedAgain() {
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, false)) {
            WriteTracker tracker = new WriteTracker(program.attached().memory());
            WrittenPages written = tracker.open();
            program.run("write 1 40");
            tracker.disarm();
            program.run("write 2 40");
            tracker.arm();
            assertThat(written.take().isEmpty()).isTrue();
            program.run("write 3 40");
            assertThat(written.take())
                    .isEqualTo(AccessPlan.of(3, 40, PAGES, false).written(PAGES));
        }
    }

    /** What a migration does: copies what is reported, while the program writes. It must end with an exact copy. */
    @Test
    void aCopyFedByTheTrackerWhileTheProgramWritesEndsUpExact() {
        Random random = TestSeed.random(WriteTrackerTest.class);
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, false);
                Arena arena = Arena.ofConfined()) {
            WriteTracker tracker = new WriteTracker(program.attached().memory());
            WrittenPages written = tracker.open();
            MemorySegment memory = Mapping.readOnly(program.attached().memfd(), PAGES * PAGE, arena)
                    .segment();
            MemorySegment copy = arena.allocate(PAGES * PAGE);
            for (int round = 0; round < 8; round++) {
                program.run("write-on " + random.nextLong());
                for (int i = 0; i < 60; i++) {
                    // Drops race with writes and scans: a written page may have lost its entry.
                    if (random.nextInt(3) == 0) program.run("drop 0 " + PAGES);
                    copy(written.take(), memory, copy);
                }
                program.run("stop-writing");
                copy(written.take(), memory, copy);
                assertThat(memory.mismatch(copy)).isEqualTo(-1);
            }
        }
    }

    private static void copy(PageSet pages, MemorySegment from, MemorySegment to) {
        pages.forEachRange((first, count) -> MemorySegment.copy(from, first * PAGE, to, first * PAGE, count * PAGE));
    }
}
