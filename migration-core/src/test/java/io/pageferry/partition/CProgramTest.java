package io.pageferry.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.attach.AttachedPartition;
import io.pageferry.attach.ProgramFailedException;
import io.pageferry.page.PageRange;
import io.pageferry.page.PageSet;
import io.pageferry.pager.PageTableSwitch;
import io.pageferry.pager.TrackedMemory;
import io.pageferry.pager.WriteTracker;
import io.pageferry.pager.WrittenPages;
import io.pageferry.pagetable.PageRecords;
import io.pageferry.pagetable.Table;
import io.pageferry.testing.ChildJvm;
import io.pageferry.testing.KernelRequirement;
import io.pageferry.testing.PresentPages;
import io.pageferry.testing.RequiredTool;
import io.pageferry.testing.TestSeed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The C program of {@code examples/c}: the protocol from another language. */
class CProgramTest {
    private static final long PAGES = 5000;

    @TempDir
    private Path folder;

    private Path built;

    @BeforeEach
    void build() throws IOException, InterruptedException {
        KernelRequirement.userfaultfd();
        Path source = Path.of(System.getProperty("pageferry.home", ".."), "examples", "c", "attach.c");
        built = folder.resolve("attach");
        Process gcc = new ProcessBuilder(
                        RequiredTool.find("gcc", "gcc").toString(),
                        "-O2",
                        "-Wall",
                        "-Wextra",
                        "-Werror",
                        "-o",
                        built.toString(),
                        source.toString())
                .inheritIO()
                .start();
        assertThat(gcc.waitFor()).as("gcc").isZero();
    }

    @Test
    void missingPagesArriveRightAndTheSwitchLeavesNoStaleEntry() throws InterruptedException {
        long seed = TestSeed.choose(CProgramTest.class);
        Path socket = folder.resolve("agent");
        try (PatternAgent agent = PatternAgent.start(socket, seed);
                ChildJvm program = start(socket, "incoming")) {
            PatternAgent.Hosted hosted = agent.nextProgram();
            long expected = 0;
            for (long page = 0; page < PAGES; page++) expected ^= PatternPages.word(seed, page);
            assertThat(program.ask("sum 0 " + PAGES)).isEqualTo(Long.toUnsignedString(expected));
            assertThat(hosted.faults().stats().faults()).isEqualTo(PAGES);

            AttachedPartition partition = hosted.partition();
            partition.records().set(7, PageRecords.READ_ONLY);
            partition.userfaultfd().writeProtect(partition.address(Table.MIGRATION), PAGES * PatternPages.PAGE);
            program.ask("write 9 " + Long.toUnsignedString(PatternPages.word(seed, 9)));
            PageTableSwitch.Report report =
                    new PageTableSwitch(partition, PageTableSwitch.Pace.DEFAULT).run(new PageSet(PAGES));
            assertThat(report.swept()).isEqualTo(PAGES);
            assertThat(PresentPages.of(partition.pagemap(), partition.address(Table.MIGRATION), PAGES)
                            .isEmpty())
                    .isTrue();
            assertThat(program.ask("sum 0 " + PAGES)).isEqualTo(Long.toUnsignedString(expected));
            assertThat(hosted.faults().stats().faults()).isEqualTo(PAGES);
            assertThat(pagesWith(partition, PageRecords.REFERENCED).size()).isEqualTo(PAGES);
            assertThat(pagesWith(partition, PageRecords.WRITTEN).ranges()).containsExactly(new PageRange(9, 1));
            assertThat(pagesWith(partition, PageRecords.READ_ONLY).ranges())
                    .as("what another has set")
                    .containsExactly(new PageRange(7, 1));
        }
    }

    private static PageSet pagesWith(AttachedPartition partition, int bit) {
        PageSet pages = new PageSet(PAGES);
        partition.records().addPagesWith(bit, pages);
        return pages;
    }

    @Test
    void itsWritesAreTrackedExactly() throws InterruptedException {
        Random random = TestSeed.random(CProgramTest.class);
        Path socket = folder.resolve("agent");
        try (PatternAgent agent = PatternAgent.start(socket, 0);
                ChildJvm program = start(socket, "new")) {
            AttachedPartition partition = agent.nextProgram().partition();
            partition.resume(Table.PARTITION, new byte[0]);
            List<Long> bases = List.of(partition.address(Table.PARTITION), partition.address(Table.MIGRATION));
            WriteTracker tracker =
                    new WriteTracker(new TrackedMemory(partition.userfaultfd(), partition.pagemap(), bases, PAGES));
            WrittenPages written = tracker.open();
            for (int round = 0; round < 10; round++) {
                PageSet expected = new PageSet(PAGES);
                for (int i = 0; i < 50; i++) {
                    long page = random.nextLong(PAGES);
                    program.ask("write " + page + " " + round);
                    expected.add(page);
                    program.ask("read " + random.nextLong(PAGES));
                }
                assertThat(written.take()).as("round " + round).isEqualTo(expected);
            }
        }
    }

    @Test
    void itComesToRestGoesOnAndDeparts() {
        Path socket = folder.resolve("agent");
        try (PatternAgent agent = PatternAgent.start(socket, 0);
                ChildJvm program = start(socket, "new")) {
            AttachedPartition partition = agent.nextProgram().partition();
            partition.resume(Table.PARTITION, new byte[] {1, 2, 3});
            assertThat(program.ask("write 7 99")).isEqualTo("99");
            assertThat(partition.quiesce()).isEmpty();
            partition.resume(Table.PARTITION, new byte[0]);
            assertThat(program.ask("read 7")).isEqualTo("99");
            assertThatThrownBy(() -> partition.populate(new PageRange(PAGES, 1), true))
                    .isInstanceOf(ProgramFailedException.class)
                    .hasMessage("not known here");
            partition.quiesce();
            partition.depart();
            partition.awaitArrival();
            assertThat(program.isAlive()).isTrue();
        }
    }

    @Test
    void whatItsAgentRefusesItSays() {
        Path socket = folder.resolve("agent");
        try (PatternAgent agent = PatternAgent.start(socket, 0);
                ChildJvm first = start(socket, "new");
                ChildJvm second = ChildJvm.run("attach.c", command(socket, "new"))) {
            assertThat(agent.nextProgram()).isNotNull();
            assertThat(first.isAlive()).isTrue();
            assertThat(second.awaitExit()).isEqualTo(1);
        }
    }

    private ChildJvm start(Path socket, String state) {
        ChildJvm program = ChildJvm.run("attach.c", command(socket, state));
        assertThat(program.nextLine()).isEqualTo("attached");
        return program;
    }

    private List<String> command(Path socket, String state) {
        return List.of(built.toString(), socket.toString(), "c", Long.toString(PAGES), state);
    }
}
