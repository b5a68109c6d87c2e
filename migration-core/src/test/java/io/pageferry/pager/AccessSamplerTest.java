package io.pageferry.pager;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessSamplerTest {
    private static final long PAGES = 6000;
    private static final long PAGE = 4096;
    private static final long PORTION = 1024;

    @TempDir
    Path directory;

    @BeforeAll
    static void require() {
        KernelRequirement.userfaultfd();
    }

    @Test
    void aSampleHoldsThePagesReadAndThePagesWrittenAndNoOthers() {
        Random random = TestSeed.random(AccessSamplerTest.class);
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, false)) {
            TrackedMemory memory = program.attached().memory();
            AccessSampler sampler = new AccessSampler(memory, new WriteTracker(memory), PORTION);
            for (int round = 0; round < 100; round++) {
                program.run("access " + random.nextLong() + " " + random.nextInt(60));
                long seed = random.nextLong();
                int count = random.nextInt(100);
                sampler.start(program.dropper());
                program.run("access " + seed + " " + count);
                AccessSample sample = sampler.end();
                AccessPlan plan = AccessPlan.of(seed, count, PAGES, true);
                assertThat(sample.written()).isEqualTo(plan.written(PAGES));
                assertThat(sample.referenced().ranges())
                        .isEqualTo(plan.referenced(PAGES).ranges());
            }
        }
    }

    @Test
    void dirtyPagesReachTheTrackersReadersWhateverTheSamplerDrops() {
        Random random = TestSeed.random(AccessSamplerTest.class);
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, false)) {
            TrackedMemory memory = program.attached().memory();
            WriteTracker tracker = new WriteTracker(memory);
            WrittenPages written = tracker.open();
            AccessSampler sampler = new AccessSampler(memory, tracker, PORTION);
            for (int round = 0; round < 40; round++) {
                PageSet expected = write(program, random);
                sampler.start(program.dropper());
                expected.addAll(write(program, random));
                PageSet inInterval = random.nextBoolean() ? written.take() : new PageSet(PAGES);
                expected.addAll(write(program, random));
                sampler.end();
                expected.addAll(write(program, random));
                PageSet reported = written.take();
                reported.addAll(inInterval);
                assertThat(reported).isEqualTo(expected);
            }
        }
    }

    private static PageSet write(ProgramUnderTest program, Random random) {
        long seed = random.nextLong();
        program.run("write " + seed + " 20");
        return AccessPlan.of(seed, 20, PAGES, false).written(PAGES);
    }

    @Test
    void eachSampleOfABusyProgramHoldsAllThatItUsesAndNothingElse() {
        long firstPage = 1001;
        long endPage = 4000;
        PageSet used = new PageSet(PAGES);
        PageSet writtenTo = new PageSet(PAGES);
        for (long page = firstPage; page < endPage; page += HotLoop.READ_STEP) {
            used.add(page);
            if (page % HotLoop.WRITE_STEP == 0) writtenTo.add(page);
        }
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, false)) {
            TrackedMemory memory = program.attached().memory();
            AccessSampler sampler = new AccessSampler(memory, new WriteTracker(memory), PORTION);
            program.run("write 1 1000");
            program.run("loop " + firstPage + " " + endPage);
            for (int round = 0; round < 30; round++) {
                sampler.start(program.dropper());
                awaitTwoRounds(program);
                AccessSample sample = sampler.end();
                assertThat(sample.referenced()).isEqualTo(used);
                assertThat(sample.written()).isEqualTo(writtenTo);
            }
        }
    }

    private static void awaitTwoRounds(ProgramUnderTest program) {
        long before = Long.parseLong(program.process().ask("rounds"));
        Awaitility.await().until(() -> Long.parseLong(program.process().ask("rounds")) >= before + 2);
    }

    @Test
    void aCopyFedByTheTrackerEndsUpExactWhileASamplerDropsEntries() {
        Random random = TestSeed.random(AccessSamplerTest.class);
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, false);
                Arena arena = Arena.ofConfined()) {
            TrackedMemory memory = program.attached().memory();
            WriteTracker tracker = new WriteTracker(memory);
            WrittenPages written = tracker.open();
            AccessSampler sampler = new AccessSampler(memory, tracker, PORTION);
            MemorySegment live = Mapping.readOnly(program.attached().memfd(), PAGES * PAGE, arena)
                    .segment();
            MemorySegment copy = arena.allocate(PAGES * PAGE);
            for (int round = 0; round < 6; round++) {
                program.run("write-on " + random.nextLong());
                for (int i = 0; i < 25; i++) {
                    sampler.start(program.dropper());
                    copy(written.take(), live, copy);
                    sampler.end();
                }
                program.run("stop-writing");
                copy(written.take(), live, copy);
                assertThat(live.mismatch(copy)).isEqualTo(-1);
            }
        }
    }

    private static void copy(PageSet pages, MemorySegment from, MemorySegment to) {
        pages.forEachRange((first, count) -> MemorySegment.copy(from, first * PAGE, to, first * PAGE, count * PAGE));
    }

    @Test
    void entriesAreDroppedInPortionsAndOnlyWhereThereAreAny() {
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, false)) {
            TrackedMemory memory = program.attached().memory();
            AccessSampler sampler = new AccessSampler(memory, new WriteTracker(memory), 100);
            program.run("write 1 1");
            AccessPlan.Access write =
                    AccessPlan.of(1, 1, PAGES, false).accesses().getFirst();
            List<Long> dropped = new ArrayList<>();
            sampler.start(pages -> {
                dropped.add(pages.firstPage());
                assertThat(pages.pageCount()).isLessThanOrEqualTo(100);
            });
            assertThat(dropped).containsExactly(write.offset() / PAGE);
        }
    }
}
