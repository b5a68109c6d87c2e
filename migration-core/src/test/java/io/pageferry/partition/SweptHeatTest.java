package io.pageferry.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.attach.AttachServer;
import io.pageferry.attach.AttachedPartition;
import io.pageferry.heat.HeatClass;
import io.pageferry.heat.Order;
import io.pageferry.heat.PartitionHeat;
import io.pageferry.heat.Ranking;
import io.pageferry.migration.ArrivalOptions;
import io.pageferry.migration.Progress;
import io.pageferry.migration.TargetMigration;
import io.pageferry.migration.Timeline;
import io.pageferry.page.PageSet;
import io.pageferry.pager.PageTableSwitch;
import io.pageferry.pager.TrackedMemory;
import io.pageferry.pager.WriteTracker;
import io.pageferry.pagetable.PageRecords;
import io.pageferry.pagetable.Table;
import io.pageferry.testing.ChildJvm;
import io.pageferry.testing.CommittedArrival;
import io.pageferry.testing.KernelRequirement;
import io.pageferry.testing.SpaceInMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a program did while it arrived is in the entries of its migration table, and in its heat once they are swept. */
class SweptHeatTest {
    private static final long PAGES = 512;
    private static final long SEED = 4711;

    private static final long READ_FIRST = 5;
    private static final long WRITTEN_FIRST = 6;
    private static final long FILLED_THEN_WRITTEN = 7;
    private static final long FILLED_THEN_READ = 8;
    private static final long FILLED_ONLY = 9;

    @TempDir
    private Path folder;

    @Test
    void whatTheSweptEntriesHadRecordedDecidesTheOrderOfTheNextMigration() throws Exception {
        KernelRequirement.userfaultfd();
        CompletableFuture<AttachedPartition> attached = new CompletableFuture<>();
        Path socket = folder.resolve("agent");
        try (AttachServer server = new AttachServer(socket, attached::complete)) {
            server.start();
            try (ChildJvm program =
                    ChildJvm.start(PatternProgram.class, socket.toString(), "p", Long.toString(PAGES), "incoming")) {
                assertThat(program.nextLine()).isEqualTo("attached");
                AttachedPartition partition = attached.join();
                PartitionHeat heat = heat(partition);
                byte[] state = ByteBuffer.allocate(Long.BYTES).putLong(SEED).array();
                partition.resume(Table.MIGRATION, state);
                try (TargetMigration.Arrived arrived =
                        migration(partition, heat).takeUp()) {
                    arrive(program, partition, arrived);
                }
                assertHeat(heat);
                assertOrder(heat);
                assertMarks(partition.records());
            }
        }
    }

    private static void arrive(ChildJvm program, AttachedPartition partition, TargetMigration.Arrived arrived)
            throws InterruptedException {
        assertThat(program.ask("read " + READ_FIRST)).isEqualTo(Long.toString(PatternPages.word(SEED, READ_FIRST)));
        program.ask("write " + WRITTEN_FIRST + " 1");
        assertThat(arrived.fill()).isTrue();
        program.ask("write " + FILLED_THEN_WRITTEN + " 2");
        program.ask("read " + FILLED_THEN_READ);
        arrived.expectRecorded();
        PageTableSwitch.Pace pace = new PageTableSwitch.Pace(100, Duration.ofMillis(1));
        assertThat(new PageTableSwitch(partition, pace)
                        .run(arrived.arrival().zeroes())
                        .swept())
                .isEqualTo(PAGES);
        arrived.takeUpRecorded();
    }

    private static void assertHeat(PartitionHeat heat) {
        assertThat(heat.map().use(READ_FIRST)).isEqualTo(HeatClass.COOL);
        assertThat(heat.map().writes(READ_FIRST)).as("a read is no write").isEqualTo(HeatClass.COLD);
        for (long page : new long[] {WRITTEN_FIRST, FILLED_THEN_WRITTEN}) {
            assertThat(heat.map().use(page)).isEqualTo(HeatClass.COOL);
            assertThat(heat.map().writes(page)).isEqualTo(HeatClass.COOL);
        }
        // Of a page that was filled in the background an entry does not tell whether it was read.
        for (long page : new long[] {FILLED_THEN_READ, FILLED_ONLY}) {
            assertThat(heat.map().use(page)).isEqualTo(HeatClass.COLD);
            assertThat(heat.map().writes(page)).isEqualTo(HeatClass.COLD);
        }
    }

    private static void assertOrder(PartitionHeat heat) {
        PageSet all = new PageSet(PAGES);
        all.addRange(0, PAGES);
        Ranking ranking = Order.HOT_COLD.rank(heat.map(), all);
        for (long page : new long[] {WRITTEN_FIRST, FILLED_THEN_WRITTEN}) {
            assertThat(ranking.group(false, page))
                    .as("page " + page + " goes with what is written")
                    .isGreaterThan(ranking.group(false, FILLED_ONLY));
        }
        assertThat(ranking.group(false, READ_FIRST))
                .as("in the extent of a page that was read")
                .isLessThan(ranking.group(false, PAGES - 1));
    }

    private static void assertMarks(PageRecords records) {
        PageSet used = new PageSet(PAGES);
        records.addPagesWith(PageRecords.REFERENCED, used);
        assertThat(used.isEmpty()).as("taken up").isTrue();
        PageSet written = new PageSet(PAGES);
        records.addPagesWith(PageRecords.WRITTEN, written);
        assertThat(written.size()).isEqualTo(2);
        assertThat(written.contains(WRITTEN_FIRST)).isTrue();
        assertThat(written.contains(FILLED_THEN_WRITTEN)).isTrue();
    }

    private static PartitionHeat heat(AttachedPartition partition) {
        List<Long> bases = List.of(partition.address(Table.PARTITION), partition.address(Table.MIGRATION));
        TrackedMemory memory = new TrackedMemory(partition.userfaultfd(), partition.pagemap(), bases, PAGES);
        return new PartitionHeat(memory, new WriteTracker(memory), partition.records(), pages -> {
            for (Table table : Table.values()) partition.dropEntries(table, pages);
        });
    }

    private static TargetMigration migration(AttachedPartition partition, PartitionHeat heat) {
        MemorySegment pages = Arena.ofAuto().allocate(PAGES * PatternPages.PAGE);
        PatternPages.fill(pages, 0, PAGES, SEED);
        return new TargetMigration(
                partition,
                heat,
                Order.HOT_COLD,
                new SpaceInMemory("p", pages),
                new CommittedArrival(),
                new ArrivalOptions(false, 0),
                new Progress(),
                new Timeline());
    }
}
