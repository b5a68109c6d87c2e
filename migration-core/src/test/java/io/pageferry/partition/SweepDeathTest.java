package io.pageferry.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.attach.AttachedPartition;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.Pagemap;
import io.pageferry.page.PageSet;
import io.pageferry.pager.PageTableSwitch;
import io.pageferry.pagetable.Table;
import io.pageferry.testing.ChildJvm;
import io.pageferry.testing.KernelRequirement;
import io.pageferry.testing.PresentPages;
import io.pageferry.testing.TestSeed;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepDeathTest {
    private static final long PAGES = 16 << 10;

    @TempDir
    private Path folder;

    @Test
    void whatAnAgentThatDiesInASweepLeavesStaleTheNextOneFindsAndInvalidates() throws InterruptedException {
        KernelRequirement.userfaultfd();
        long seed = TestSeed.choose(SweepDeathTest.class);
        Path socket = folder.resolve("agent");
        ChildJvm first = ChildJvm.start(SweepingAgentMain.class, socket.toString(), Long.toString(seed));
        assertThat(first.nextLine()).isEqualTo("listening");
        try (ChildJvm program =
                ChildJvm.start(PatternProgram.class, socket.toString(), "p", Long.toString(PAGES), "incoming")) {
            assertThat(program.nextLine()).isEqualTo("attached");
            long migrationTable = Long.parseLong(first.nextLine().substring("filled ".length()));
            awaitSweep(program.pid(), migrationTable);
            first.kill();
            first.close();

            // Page-table calls work on beside all this, with no agent there.
            program.ask("release 16000 10");
            program.ask("map 16000 10");
            assertThat(program.ask("read 16001")).isEqualTo("0");
            sweepTheRest(socket, seed, program);
        }
    }

    private static void awaitSweep(long processId, long migrationTable) {
        try (Pagemap pagemap =
                Pagemap.owning(FileCalls.open(Path.of("/proc/" + processId + "/pagemap"), FileCalls.OpenMode.READ))) {
            Awaitility.await().pollInterval(Duration.ofMillis(5)).until(() -> {
                long present = PresentPages.of(pagemap, migrationTable, PAGES).size();
                return present > 0 && present < PAGES;
            });
        }
    }

    private static void sweepTheRest(Path socket, long seed, ChildJvm program) throws InterruptedException {
        try (PatternAgent next = PatternAgent.start(socket, seed)) {
            AttachedPartition partition = next.nextProgram().partition();
            assertThat(partition.pointer()).isEqualTo(Table.PARTITION);
            assertThat(present(partition).isEmpty()).isFalse();
            PageTableSwitch.Report report = new PageTableSwitch(
                            partition, new PageTableSwitch.Pace(777, Duration.ofMillis(1)))
                    .run(new PageSet(PAGES));
            assertThat(report.swept()).isPositive().isLessThan(PAGES);
            assertThat(report.byCalls()).isEqualTo(10);
            assertThat(present(partition).isEmpty()).isTrue();
            program.ask("read-all 2");
            assertThat(program.ask("await")).isEqualTo(PAGES + " read, 10 wrong"); // those that were mapped anew
        }
    }

    private static PageSet present(AttachedPartition partition) {
        return PresentPages.of(partition.pagemap(), partition.address(Table.MIGRATION), PAGES);
    }
}
