package io.pageferry.pager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pageferry.page.PageRange;
import io.pageferry.testing.KernelRequirement;
import io.pageferry.testing.TestSeed;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sources that misbehave: whatever they do, a thread of the program reads the right content or waits. */
class BadSourceTest {
    private static final long PAGES = 2000;
    private static final RetryPolicy QUICK = new RetryPolicy(3, Duration.ofMillis(1), Duration.ofMillis(5));
    private static final RetryPolicy STUBBORN = new RetryPolicy(1000, Duration.ofMillis(1), Duration.ofMillis(5));

    @TempDir
    Path directory;

    private final NotedTrouble trouble = new NotedTrouble();
    private final long seed = TestSeed.choose(BadSourceTest.class);
    private final PatternSource pattern = new PatternSource(seed);

    @BeforeAll
    static void require() {
        KernelRequirement.userfaultfd();
    }

    private FaultServer start(ProgramUnderTest program, PageSource source, RetryPolicy retry) {
        return FaultServer.start(
                program.attached().served(), ResidentPages.none(PAGES), source, retry, FaultWait.SPIN, trouble);
    }

    @Test
    void answersThatFailComeLateTwiceInPiecesOrOutOfOrderStillGiveTheRightContent() {
        Random random = new Random(seed);
        try (ScheduledExecutorService threads = Executors.newScheduledThreadPool(3);
                ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, true);
                FaultServer server =
                        start(program, (pages, answers) -> misbehave(pages, answers, threads, random), STUBBORN)) {
            assertThat(program.process().ask("read-all " + seed + " 8")).isEqualTo("right");
            FaultStats stats = server.stats();
            assertThat(stats.failedFetches()).isPositive();
            assertThat(stats.strayAnswers()).isPositive();
            assertThat(stats.resolved()).isEqualTo(stats.faults());
            assertThat(trouble.stuck).isEmpty();
        }
    }

    private void misbehave(PageRange pages, PageAnswers answers, ScheduledExecutorService threads, Random random) {
        int choice;
        int delayMs;
        synchronized (random) {
            choice = random.nextInt(6);
            delayMs = random.nextInt(8);
        }
        switch (choice) {
            case 0 -> answers.failed(pages, new IllegalStateException("no luck"));
            case 1 -> throw new IllegalStateException("no luck at all");
            case 2 -> later(threads, delayMs, () -> answers.failed(pages, new IllegalStateException("late failure")));
            case 3 -> later(threads, delayMs, () -> pattern.request(pages, answers));
            case 4 -> {
                later(threads, delayMs, () -> pattern.request(pages, answers));
                pattern.request(pages, answers);
                answers.failed(pages, new IllegalStateException("too late to fail"));
            }
            default -> {
                for (long page = pages.end() - 1; page >= pages.firstPage(); page--) {
                    pattern.request(new PageRange(page, 1), answers);
                }
            }
        }
    }

    private static void later(ScheduledExecutorService threads, int delayMs, Runnable task) {
        var _ = threads.schedule(task, delayMs, TimeUnit.MILLISECONDS);
    }

    @Test
    void aPageThatCannotBeFetchedIsReportedAndItsThreadWaitsUntilItCan() {
        AtomicBoolean works = new AtomicBoolean();
        AtomicInteger requests = new AtomicInteger();
        PageSource source = (pages, answers) -> {
            requests.incrementAndGet();
            if (works.get()) pattern.request(pages, answers);
            else answers.failed(pages, new IllegalStateException("the device is away"));
        };
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, true);
                FaultServer server = start(program, source, QUICK)) {
            program.process().send("read-all " + seed + " 1");
            await().until(() -> !trouble.stuck.isEmpty());
            assertThat(requests).hasValue(3);
            assertThat(trouble.causes).containsExactly("the device is away");
            assertThat(server.stats().stuckPages()).isEqualTo(1);
            assertThat(server.stats().waitingThreads()).isEqualTo(1);

            works.set(true);
            server.retryStuck();
            assertThat(program.process().nextLine()).isEqualTo("right");
            assertThat(server.stats().stuckPages()).isZero();
            assertThat(server.stats().waitingThreads()).isZero();
        }
    }

    @Test
    void aStuckPageIsResolvedByALateAnswer() {
        Queue<Runnable> late = new ConcurrentLinkedQueue<>();
        PageSource source = (pages, answers) -> {
            late.add(() -> pattern.request(pages, answers));
            answers.failed(pages, new IllegalStateException("not yet"));
        };
        RetryPolicy never = new RetryPolicy(1, Duration.ZERO, Duration.ZERO);
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, 1, true);
                FaultServer server = FaultServer.start(
                        program.attached().served(), ResidentPages.none(1), source, never, FaultWait.SPIN, trouble)) {
            program.process().send("read-all " + seed + " 1");
            await().until(() -> !trouble.stuck.isEmpty());
            late.remove().run();
            assertThat(program.process().nextLine()).isEqualTo("right");
            assertThat(server.stats().stuckPages()).isZero();
        }
    }

    @Test
    void wrongAnswersAreRefusedAndAnswersNobodyWaitsForAreDropped() {
        Queue<PageAnswers> desks = new ConcurrentLinkedQueue<>();
        PageSource source = (pages, answers) -> {
            desks.add(answers);
            pattern.request(pages, answers);
        };
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, true);
                FaultServer server = start(program, source, QUICK);
                Arena arena = Arena.ofConfined()) {
            assertThat(program.process().ask("read-missing-by-system-call 5")).isEqualTo("4096");
            PageAnswers answers = desks.remove();
            PageRange page = new PageRange(9, 1);
            assertThatThrownBy(() -> answers.content(page, arena.allocate(4095)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> answers.content(page, MemorySegment.ofArray(new byte[4096])))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> answers.zeroes(new PageRange(PAGES, 1)))
                    .isInstanceOf(IllegalArgumentException.class);
            answers.zeroes(page);
            assertThat(server.stats().strayAnswers()).isEqualTo(1);
            assertThat(ResidentPages.of(program.attached().memfd(), PAGES).residentCount())
                    .isEqualTo(1);
        }
    }
}
