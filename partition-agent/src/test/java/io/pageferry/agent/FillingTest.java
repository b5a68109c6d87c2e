package io.pageferry.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.attach.AttachServer;
import io.pageferry.attach.AttachedPartition;
import io.pageferry.heat.Order;
import io.pageferry.migration.ArrivalOptions;
import io.pageferry.migration.CorruptPageException;
import io.pageferry.migration.Progress;
import io.pageferry.migration.TargetMigration;
import io.pageferry.migration.Timeline;
import io.pageferry.pager.PageTableSwitch;
import io.pageferry.pagetable.PageRecords;
import io.pageferry.pagetable.Table;
import io.pageferry.testing.ChildJvm;
import io.pageferry.testing.CommittedArrival;
import io.pageferry.testing.KernelRequirement;
import io.pageferry.testing.SpaceInMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The end of an arrival where something fails in it. */
class FillingTest {
    private static final long PAGES = 256;
    private static final int PAGE = 4096;
    private static final int LOST = 3;
    private static final byte[] NO_STATE = {};

    @TempDir
    private Path folder;

    private final BlockingQueue<AttachedPartition> attached = new LinkedBlockingQueue<>();
    private AttachServer server;
    private ChildJvm program;

    @BeforeEach
    void start() {
        KernelRequirement.userfaultfd();
        server = serve();
        program = ChildJvm.start(LineProgram.class, socket().toString(), Long.toString(PAGES));
        assertThat(program.nextLine()).isEqualTo("attached");
    }

    @AfterEach
    void stop() {
        program.close();
        server.close();
    }

    @Test
    void aSwitchThatFailsIsTriedAgainAndFaultsAreServedMeanwhile() throws Exception {
        HostedPartition hosted = hostNext();
        hosted.attached().resume(Table.MIGRATION, NO_STATE);
        Filling filling = arrive(hosted);
        assertThat(filling.arrived().fill()).isTrue();
        // A page that is missing, and counts as filled.
        program.ask("release " + LOST);
        hosted.attached().records().clear(LOST, PageRecords.RELEASED);

        Thread running = Thread.ofPlatform().daemon().start(() -> run(filling));
        Awaitility.await().until(() -> filling.progress().get("switch-failures") > 0);
        assertThat(filling.outcome()).isNotDone();
        assertThat(program.ask("read " + LOST)).as("a fault, served").isEqualTo(Long.toString(word(LOST)));
        assertThat(filling.outcome().get(1, TimeUnit.MINUTES)).isTrue();
        running.join();
        assertThat(filling.arrived().arrival().manifest().bytes().scope().isAlive())
                .as("the memory of the manifest")
                .isFalse();
        assertThat(hosted.attached().pointer()).isEqualTo(Table.PARTITION);
        assertThat(hosted.attached().records().hasAny(PageRecords.STALE_ENTRY)).isFalse();
    }

    /** It cannot be whole any more, and goes on all the same: whoever touches a hole waits for an answer. */
    @Test
    void aPageThatIsGivenBackAfterAnotherWasLostIsStillServed() throws Exception {
        HostedPartition hosted = hostNext();
        hosted.attached().resume(Table.MIGRATION, NO_STATE);
        SpaceInMemory space = new SpaceInMemory(LineProgram.NAME, content());
        space.spoil(LOST);
        Filling filling = arrive(hosted, space);

        Thread running = Thread.ofPlatform().daemon().start(() -> run(filling));
        assertThatThrownBy(() -> filling.outcome().get(1, TimeUnit.MINUTES))
                .hasCauseInstanceOf(CorruptPageException.class);
        assertThat(program.ask("release " + (LOST + 1))).isEqualTo("released");
        assertThat(program.ask("read " + (LOST + 1))).isEqualTo("0");
        assertThat(program.ask("read " + (LOST + 2))).isEqualTo(Long.toString(word(LOST + 2)));
        assertThat(running.isAlive()).as("until the partition has left").isTrue();
        hosted.turns().end();
        running.join();
    }

    @Test
    void theNextAgentTakesStaleEntriesForAnArrivalThatHasNotEnded() throws Exception {
        HostedPartition before = hostNext();
        assertThat(before.hasUnknownArrival()).as("a program that waits").isFalse();
        before.attached().resume(Table.PARTITION, NO_STATE);
        before.attached().records().set(LOST, PageRecords.STALE_ENTRY);
        server.close();

        server = serve();
        HostedPartition next = hostNext();
        assertThat(next.attached().pointer()).isEqualTo(Table.PARTITION);
        assertThat(next.hasUnknownArrival()).isTrue();
        assertThat(next.isArriving())
                .as("so its heat is not sampled, and it does not leave")
                .isTrue();
        assertThat(program.ask("release " + LOST)).isEqualTo("released");
        assertThat(next.hasUnknownArrival()).as("until somebody has swept").isTrue();
    }

    private Path socket() {
        return folder.resolve("agent");
    }

    private AttachServer serve() {
        AttachServer serving = new AttachServer(socket(), attached::add);
        serving.start();
        return serving;
    }

    private HostedPartition hostNext() throws InterruptedException {
        AttachedPartition next = attached.poll(1, TimeUnit.MINUTES);
        if (next == null) throw new IllegalStateException("nobody attached within a minute");
        return new HostedPartition(next, false);
    }

    private static Filling arrive(HostedPartition hosted) {
        return arrive(hosted, new SpaceInMemory(LineProgram.NAME, content()));
    }

    private static Filling arrive(HostedPartition hosted, SpaceInMemory space) {
        Progress progress = new Progress();
        Timeline timeline = new Timeline();
        TargetMigration.Arrived arrived = new TargetMigration(
                        hosted.attached(),
                        hosted.heat(),
                        Order.HOT_COLD,
                        space,
                        new CommittedArrival(),
                        new ArrivalOptions(false, 0),
                        progress,
                        timeline)
                .takeUp();
        Filling filling = new Filling(hosted, arrived, PageTableSwitch.Pace.DEFAULT, progress, timeline);
        hosted.setFilling(Optional.of(filling));
        return filling;
    }

    private static void run(Filling filling) {
        try {
            filling.run();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static MemorySegment content() {
        MemorySegment pages = Arena.ofAuto().allocate(PAGES * PAGE, PAGE);
        for (int page = 0; page < PAGES; page++) pages.set(ValueLayout.JAVA_LONG, (long) page * PAGE, word(page));
        return pages;
    }

    private static long word(int page) {
        return 1_000_003L * (page + 1);
    }
}
