package io.pageferry.pager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pageferry.page.PageRange;
import io.pageferry.testing.KernelRequirement;
import io.pageferry.testing.TestSeed;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaultServerTest {
    private static final long PAGES = 5000;
    private static final RetryPolicy QUICK = new RetryPolicy(3, Duration.ofMillis(1), Duration.ofMillis(5));

    @TempDir
    Path directory;

    private final NotedTrouble trouble = new NotedTrouble();
    private final long seed = TestSeed.choose(FaultServerTest.class);

    @BeforeAll
    static void require() {
        KernelRequirement.userfaultfd();
    }

    private FaultServer start(ProgramUnderTest program, ResidentPages resident, PageSource source) {
        return FaultServer.start(program.attached().served(), resident, source, QUICK, FaultWait.SPIN, trouble);
    }

    @Test
    void everyThreadReadsTheRightContentAndEveryFaultIsCountedAndTimed() {
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, true)) {
            ResidentPages resident = ResidentPages.none(PAGES);
            try (FaultServer server = start(program, resident, new PatternSource(seed))) {
                assertThat(program.process().ask("read-all " + seed + " 6")).isEqualTo("right");

                FaultStats stats = server.stats();
                assertThat(stats.faults()).isBetween(PAGES, 6 * PAGES);
                assertThat(stats.resolved()).isEqualTo(stats.faults());
                assertThat(stats.waitingThreads()).isZero();
                assertThat(stats.stuckPages()).isZero();
                assertThat(stats.maxNs()).isGreaterThanOrEqualTo(stats.p99Ns());
                assertThat(stats.p99Ns()).isGreaterThanOrEqualTo(stats.p50Ns());
                assertThat(stats.p50Ns()).isPositive();
                assertThat(stats.blockedNs().keySet()).hasSizeBetween(1, 6);
                assertThat(stats.blockedNs().values()).allMatch(blockedNs -> blockedNs > 0);
                assertThat(resident.isComplete()).isTrue();
                assertThat(ResidentPages.of(program.attached().memfd(), PAGES).isComplete())
                        .isTrue();
            }
        }
    }

    @Test
    void zeroesAreServedAsPagesOfZeroes() {
        PageSource source = (pages, answers) -> {
            if (pages.firstPage() == 7) answers.zeroes(pages);
            else new PatternSource(seed).request(pages, answers);
        };
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, true);
                FaultServer server = start(program, ResidentPages.none(PAGES), source)) {
            assertThat(program.process().ask("read-all " + seed + " 1")).isEqualTo("1 wrong pages");
            assertThat(server.stats().faults()).isEqualTo(PAGES);
        }
    }

    @Test
    void faultsInsideSystemCallsAreServedToo() {
        KernelRequirement.fullUserfaultfd();
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, true);
                FaultServer server = start(program, ResidentPages.none(PAGES), new PatternSource(seed))) {
            assertThat(program.process().ask("read-missing-by-system-call 77")).isEqualTo("4096");
            assertThat(server.stats().faults()).isEqualTo(1);
        }
    }

    @Test
    void backgroundFillsAndFaultsMeetAndNobodyIsLeftWaiting() {
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, true)) {
            ResidentPages resident = ResidentPages.none(PAGES);
            PatternSource source = new PatternSource(seed);
            try (FaultServer server = start(program, resident, source);
                    Arena arena = Arena.ofConfined()) {
                program.process().send("read-all " + seed + " 4");
                for (long first = 0; first < PAGES; first += 100) {
                    PageRange run = new PageRange(first, 100);
                    assertThat(server.filler().fill(run, source.content(run, arena)))
                            .isTrue();
                }
                assertThat(program.process().nextLine()).isEqualTo("right");
                assertThat(server.stats().waitingThreads()).isZero();
                assertThat(resident.isComplete()).isTrue();
            }
        }
    }

    @Test
    void aBackgroundFillResolvesTheFaultsThatWaitForItsPages() {
        CountDownLatch requested = new CountDownLatch(1);
        PatternSource pattern = new PatternSource(seed);
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, true);
                FaultServer server =
                        start(program, ResidentPages.none(PAGES), (pages, answers) -> requested.countDown());
                Arena arena = Arena.ofConfined()) {
            program.process().send("read-all " + seed + " 4");
            await().until(() -> requested.getCount() == 0 && server.stats().waitingThreads() == 4);
            PageRange all = new PageRange(0, PAGES);
            server.filler().fill(all, pattern.content(all, arena));
            assertThat(program.process().nextLine()).isEqualTo("right");
            assertThat(server.stats().resolved()).isEqualTo(server.stats().faults());
        }
    }

    @Test
    void aProgramKilledWithFaultsInFlightEndsTheServerQuietly() {
        CountDownLatch answer = new CountDownLatch(1);
        PatternSource pattern = new PatternSource(seed);
        PageSource late = (pages, answers) -> Thread.ofPlatform().daemon().start(() -> {
            awaitUninterrupted(answer);
            pattern.request(pages, answers);
        });
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, true)) {
            try (FaultServer server = start(program, ResidentPages.none(PAGES), late)) {
                program.process().send("read-all " + seed + " 3");
                await().until(() -> server.stats().waitingThreads() == 3);
                program.process().kill();
                answer.countDown();
                await().until(() -> trouble.programGone);
                assertThat(trouble.stuck).isEmpty();
            }
        }
    }

    static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    @Test
    void aServerThatEndsLeavesThreadsWaitingAndTheNextOneServesThem() {
        CountDownLatch requested = new CountDownLatch(1);
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, true)) {
            FaultServer silent = start(program, ResidentPages.none(PAGES), (pages, answers) -> requested.countDown());
            program.process().send("read-all " + seed + " 4");
            awaitUninterrupted(requested);
            silent.close();
            try (FaultServer next =
                    start(program, ResidentPages.of(program.attached().memfd(), PAGES), new PatternSource(seed))) {
                assertThat(program.process().nextLine()).isEqualTo("right");
                assertThat(next.stats().waitingThreads()).isZero();
            }
        }
    }
}
