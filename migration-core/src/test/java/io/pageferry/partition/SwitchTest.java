package io.pageferry.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.attach.AttachedPartition;
import io.pageferry.page.PageRange;
import io.pageferry.page.PageSet;
import io.pageferry.pager.PageTableSwitch;
import io.pageferry.pagetable.PageRecords;
import io.pageferry.pagetable.Table;
import io.pageferry.testing.ChildJvm;
import io.pageferry.testing.KernelRequirement;
import io.pageferry.testing.PresentPages;
import io.pageferry.testing.TestSeed;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SwitchTest {
    private static final long PAGES = 16 << 10;
    private static final int ROUNDS = 150;
    private static final PageTableSwitch.Pace PACE = new PageTableSwitch.Pace(777, Duration.ofMillis(1));

    @TempDir
    private Path folder;

    private long seed;
    private PatternAgent agent;
    private ChildJvm program;
    private PatternAgent.Hosted hosted;
    private AttachedPartition partition;

    @BeforeEach
    void start() {
        KernelRequirement.userfaultfd();
        seed = TestSeed.choose(SwitchTest.class);
        Path socket = folder.resolve("agent");
        agent = PatternAgent.start(socket, seed);
        program = ChildJvm.start(PatternProgram.class, socket.toString(), "p", Long.toString(PAGES), "incoming");
        assertThat(program.nextLine()).isEqualTo("attached");
        hosted = agent.nextProgram();
        partition = hosted.partition();
    }

    @AfterEach
    void stop() {
        program.close();
        agent.close();
    }

    @Test
    void afterTheSwitchNothingFaultsToUserSpaceAndAStalePointerStaysCoherent() throws InterruptedException {
        program.ask("hold-pointer");
        readAll();
        assertThat(present(Table.MIGRATION).size()).isEqualTo(PAGES);
        assertThat(present(Table.PARTITION).size()).isZero();
        PageTableSwitch.Report report = new PageTableSwitch(partition, PACE).run(new PageSet(PAGES));
        assertThat(present(Table.PARTITION).size())
                .as("entries made before the switch, since the program touches nothing meanwhile")
                .isEqualTo(PAGES);
        assertThat(report.swept()).isEqualTo(PAGES);
        assertThat(report.byCalls()).isZero();
        assertThat(present(Table.MIGRATION).isEmpty())
                .as("entries after the sweep")
                .isTrue();

        long faults = hosted.faults().stats().faults();
        readAll();
        program.ask("release 100 10");
        assertThat(program.ask("read 100")).isEqualTo("0");
        program.ask("release 200 10");
        assertThat(program.ask("stale-read 205"))
                .as("a hole by a stale pointer")
                .isEqualTo("0");
        program.ask("stale-write 205 4711");
        assertThat(program.ask("read 205")).isEqualTo("4711");
        program.ask("write 206 815");
        assertThat(program.ask("stale-read 206")).isEqualTo("815");
        assertThat(hosted.faults().stats().faults()).isEqualTo(faults);
    }

    @Test
    void pageTableCallsThatRaceTheSweepInvalidateEachStaleEntryOnce() throws InterruptedException {
        hosted.fillAll(seed);
        program.ask("calls " + seed + " 0 " + PAGES);
        PageTableSwitch.Report report = new PageTableSwitch(partition, PACE).run(new PageSet(PAGES));
        assertThat(report.byCalls()).as("calls that came before the sweep").isPositive();
        program.ask("stop-calls");

        long byCalls = partition.sweep(new PageRange(0, PAGES)).byCalls();
        assertThat(report.swept() + byCalls).isEqualTo(PAGES);
        assertThat(present(Table.MIGRATION).isEmpty()).isTrue();
    }

    @Test
    void aPageThatTheProgramMapsWhileTheSwitchLooksIsNotTakenForMissing() throws InterruptedException {
        hosted.fillAll(seed);
        program.ask("calls " + seed + " 100 8");
        PageTableSwitch.Pace atOnce = new PageTableSwitch.Pace(PAGES, Duration.ZERO);
        for (int round = 0; round < ROUNDS; round++) new PageTableSwitch(partition, atOnce).run(new PageSet(PAGES));
        program.ask("stop-calls");
        program.ask("map 100 8");
        assertThat(program.ask("read 100")).isEqualTo("0");
    }

    @Test
    void theSwitchIsRefusedWhileAPageIsMissingAndRefusingChangesNothing() throws InterruptedException {
        hosted.fillAll(seed);
        program.ask("release 3 1");
        PageTableSwitch pageTables = new PageTableSwitch(partition, PACE);
        partition.records().clear(3, PageRecords.RELEASED);

        assertThatThrownBy(() -> pageTables.run(new PageSet(PAGES)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("page 3 of partition p is missing still: its page tables cannot be switched");
        assertThat(program.ask("read 3")).as("a fault, served").isEqualTo(Long.toString(PatternPages.word(seed, 3)));

        program.ask("release 4 1");
        partition.records().clear(4, PageRecords.RELEASED);
        PageSet zeroes = new PageSet(PAGES);
        zeroes.add(4);
        pageTables.run(zeroes);
        assertThat(program.ask("read 4")).as("known to be zero").isEqualTo("0");
    }

    @Test
    void aSwitchDoneAgainDoesNoHarm() throws InterruptedException {
        hosted.fillAll(seed);
        new PageTableSwitch(partition, PACE).run(new PageSet(PAGES));
        assertThat(new PageTableSwitch(partition, PACE).run(new PageSet(PAGES)).swept())
                .isZero();
        readAll();
    }

    private void readAll() {
        program.ask("read-all 2");
        assertThat(program.ask("await")).isEqualTo(PAGES + " read, 0 wrong");
    }

    private PageSet present(Table table) {
        return PresentPages.of(partition.pagemap(), partition.address(table), PAGES);
    }
}
