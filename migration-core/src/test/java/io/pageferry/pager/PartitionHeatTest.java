package io.pageferry.pager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pageferry.heat.HeatClass;
import io.pageferry.heat.HeatWatch;
import io.pageferry.heat.Order;
import io.pageferry.heat.PartitionHeat;
import io.pageferry.linux.Descriptor;
import io.pageferry.page.PageSet;
import io.pageferry.pagetable.PageRecords;
import io.pageferry.testing.KernelRequirement;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The heat of a real program's memory. */
class PartitionHeatTest {
    private static final long PAGES = 2048;

    private static final Duration MOMENT = Duration.ofMillis(30);

    @TempDir
    Path directory;

    @BeforeAll
    static void require() {
        KernelRequirement.userfaultfd();
    }

    @Test
    void whatWasSampledIsThereForTheNextAgent() throws InterruptedException {
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, false);
                Descriptor memory = PageRecords.create("records", PAGES);
                Arena arena = Arena.ofShared()) {
            PageRecords records = PageRecords.map(memory, PAGES, arena);
            PartitionHeat heat = heat(program, records);
            program.run("loop 98 294");
            for (int i = 0; i < 8; i++) heat.sample(PartitionHeatTest::runs, MOMENT, MOMENT);

            PartitionHeat later = heat(program, records);
            assertThat(later.map().isKnown()).isTrue();
            for (long page = 0; page < PAGES; page++) {
                assertThat(later.map().use(page)).isEqualTo(heat.map().use(page));
            }
            assertThat(later.map().use(0)).isEqualTo(HeatClass.COLD);
            assertThat(later.map().use(105)).isEqualTo(HeatClass.HOT);
            assertThat(later.map().isObservedReadOnly(105)).isTrue();
            assertThat(later.map().isObservedReadOnly(98)).isFalse();
        }
    }

    @Test
    void aMigrationEndsSamplingAndSeesEveryPageWritten() throws Exception {
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, false);
                Descriptor memory = PageRecords.create("records", PAGES);
                Arena arena = Arena.ofShared()) {
            PartitionHeat heat = heat(program, PageRecords.map(memory, PAGES, arena));
            Thread sampling = beginLongSample(heat, faults -> {});
            try (HeatWatch watch = heat.beginMigration(Order.HOT_COLD)) {
                sampling.join(TimeUnit.SECONDS.toMillis(30));
                assertThat(sampling.isAlive()).isFalse();
                assertThat(heat.sample(PartitionHeatTest::runs, MOMENT, MOMENT))
                        .as("while it migrates")
                        .isEqualTo(-1);
                program.run("write-each 64 0");
                PageSet seen = new PageSet(PAGES);
                Awaitility.await().until(() -> {
                    Optional<PageSet> found = watch.look();
                    found.ifPresent(seen::addAll);
                    return found.isPresent();
                });
                assertThat(seen.size()).isEqualTo(PAGES / 64);
                assertThat(heat.map().writes(64)).isGreaterThan(HeatClass.COLD);
                assertThat(heat.map().isObservedReadOnly(65)).isTrue();
            }
            assertThat(heat.sample(PartitionHeatTest::runs, MOMENT, MOMENT)).isNotEqualTo(-1);
        }
    }

    /** As where a program comes to rest that has run on beside a dead agent: what it was sampled by must not hold for what comes next. */
    @Test
    void whatIsDoneUnobservedEndsASampleAndTheTrackingThatItBegan() throws Exception {
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, false);
                Descriptor memory = PageRecords.create("records", PAGES);
                Arena arena = Arena.ofShared()) {
            TrackedMemory tracked = program.attached().memory();
            WriteTracker tracker = new WriteTracker(tracked);
            PartitionHeat heat =
                    new PartitionHeat(tracked, tracker, PageRecords.map(memory, PAGES, arena), program.dropper());
            BlockingQueue<Long> faults = new LinkedBlockingQueue<>();
            beginLongSample(heat, faults::add);
            assertThat(tracker.isArmed()).isTrue();
            heat.unobserved(() -> {
                tracker.abandon();
                Awaitility.await().until(() -> !faults.isEmpty());
                Awaitility.await().until(() -> heat.sample(PartitionHeatTest::runs, MOMENT, MOMENT) == -1);
            });
            assertThat(faults).containsExactly(-1L);
            assertThat(tracker.isArmed()).isFalse();
            assertThat(heat.sample(PartitionHeatTest::runs, MOMENT, MOMENT)).isNotEqualTo(-1);
        }
    }

    /** As where a whole migration came between the look at the program's state and the sample. */
    @Test
    void noTrackingIsArmedOnAProgramThatHasLostItsPartition() throws InterruptedException {
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, false);
                Descriptor memory = PageRecords.create("records", PAGES);
                Arena arena = Arena.ofShared()) {
            TrackedMemory tracked = program.attached().memory();
            WriteTracker tracker = new WriteTracker(tracked);
            PartitionHeat heat = new PartitionHeat(tracked, tracker, PageRecords.map(memory, PAGES, arena), pages -> {
                throw new AssertionError("no entry is to be dropped: " + pages);
            });
            AtomicBoolean askedUnderTheLock = new AtomicBoolean();
            BooleanSupplier departed = () -> {
                askedUnderTheLock.set(Thread.holdsLock(heat));
                return false;
            };
            assertThat(heat.sample(departed, MOMENT, MOMENT)).isEqualTo(-1);
            assertThat(askedUnderTheLock).isTrue();
            assertThat(tracker.isArmed()).isFalse();
        }
    }

    @Test
    void whatAPageTableEntryHadRecordedCountsAndAForeignMarkOfAWriteIsTakenUp() throws InterruptedException {
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, false);
                Descriptor memory = PageRecords.create("records", PAGES);
                Arena arena = Arena.ofShared()) {
            PageRecords records = PageRecords.map(memory, PAGES, arena);
            PartitionHeat heat = heat(program, records);
            heat.sample(PartitionHeatTest::runs, MOMENT, MOMENT);
            records.set(5, PageRecords.REFERENCED);
            records.set(6, PageRecords.WRITTEN);
            heat.sample(PartitionHeatTest::runs, MOMENT, MOMENT);
            assertThat(heat.map().use(5)).isGreaterThan(HeatClass.COLD);
            assertThat(heat.map().writes(6)).isGreaterThan(HeatClass.COLD);
            assertThat(records.has(5, PageRecords.REFERENCED)).isFalse();
            for (int i = 0; i < 20; i++) heat.sample(PartitionHeatTest::runs, MOMENT, MOMENT);
            assertThat(records.has(6, PageRecords.WRITTEN))
                    .as("not written for long")
                    .isFalse();
        }
    }

    @Test
    void whatEntriesHadRecordedIsKnownToAMigrationThatBeginsBeforeAnySample() {
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, false);
                Descriptor memory = PageRecords.create("records", PAGES);
                Arena arena = Arena.ofShared()) {
            PageRecords records = PageRecords.map(memory, PAGES, arena);
            PartitionHeat heat = heat(program, records);
            records.set(5, PageRecords.REFERENCED);
            records.set(6, PageRecords.WRITTEN);
            try (HeatWatch _ = heat.beginMigration(Order.ADDRESS)) {
                assertThat(heat.map().use(5)).isEqualTo(HeatClass.COOL);
                assertThat(heat.map().writes(6)).isEqualTo(HeatClass.COOL);
            }
        }
    }

    @Test
    void whatIsKnownFromElsewhereTakesNoMarkAwayThatTheMapDoesNotHave() {
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, false);
                Descriptor memory = PageRecords.create("records", PAGES);
                Arena arena = Arena.ofShared()) {
            PageRecords records = PageRecords.map(memory, PAGES, arena);
            records.set(6, PageRecords.WRITTEN);
            PartitionHeat next = heat(program, records);
            records.set(7, PageRecords.WRITTEN);
            next.inherit(new byte[(int) PAGES]);
            for (long page : new long[] {6, 7}) {
                assertThat(next.map().writes(page)).isEqualTo(HeatClass.COOL);
                assertThat(records.has(page, PageRecords.WRITTEN)).isTrue();
            }
            assertThat(next.map().writes(8)).isEqualTo(HeatClass.COLD);
        }
    }

    @Test
    void aMarkThatWasExpectedCountsThoughThePageIsKnownToBeWritten() {
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, false);
                Descriptor memory = PageRecords.create("records", PAGES);
                Arena arena = Arena.ofShared()) {
            PageRecords records = PageRecords.map(memory, PAGES, arena);
            PartitionHeat heat = heat(program, records);
            byte[] levels = new byte[(int) PAGES];
            levels[6] = levels[7] = (byte) 0x44; // both are warm
            heat.inherit(levels);
            int before = heat.map().levels(6);
            heat.expectRecorded();
            for (int bit : new int[] {PageRecords.REFERENCED, PageRecords.WRITTEN}) records.set(6, bit);
            heat.takeUpRecorded(new PageSet(PAGES));
            assertThat(heat.map().levels(6)).isGreaterThan(before);
            assertThat(heat.map().levels(7)).isEqualTo(before);
            assertThat(records.has(7, PageRecords.WRITTEN))
                    .as("as the map says")
                    .isTrue();
        }
    }

    @Test
    void aMigrationThatCannotBeginLeavesSamplingToGoOn() throws InterruptedException {
        try (ProgramUnderTest program = ProgramUnderTest.start(directory, PAGES, false);
                Descriptor memory = PageRecords.create("records", PAGES);
                Arena arena = Arena.ofShared()) {
            program.run("write-each 64 0");
            TrackedMemory tracked = program.attached().memory();
            AtomicBoolean fails = new AtomicBoolean(true);
            PartitionHeat heat = new PartitionHeat(
                    tracked, new WriteTracker(tracked), PageRecords.map(memory, PAGES, arena), pages -> {
                        if (fails.get()) throw new IllegalStateException("the program does not answer");
                        program.dropper().drop(pages);
                    });
            assertThatThrownBy(() -> heat.beginMigration(Order.HOT_COLD))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the program does not answer");
            fails.set(false);
            assertThat(heat.sample(PartitionHeatTest::runs, MOMENT, MOMENT)).isNotEqualTo(-1);
        }
    }

    private static PartitionHeat heat(ProgramUnderTest program, PageRecords records) {
        TrackedMemory memory = program.attached().memory();
        return new PartitionHeat(memory, new WriteTracker(memory), records, program.dropper());
    }

    /** Begins a sample that takes minutes unless it is ended; returns once it waits. */
    private static Thread beginLongSample(PartitionHeat heat, LongConsumer ended) {
        Thread sampling = Thread.ofPlatform().start(() -> {
            try {
                ended.accept(heat.sample(PartitionHeatTest::runs, Duration.ofMinutes(10), MOMENT));
            } catch (InterruptedException closed) {
                Thread.currentThread().interrupt();
            }
        });
        Awaitility.await().until(() -> sampling.getState() == Thread.State.TIMED_WAITING);
        return sampling;
    }

    private static boolean runs() {
        return true;
    }
}
