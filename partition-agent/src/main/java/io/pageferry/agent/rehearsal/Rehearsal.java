package io.pageferry.agent.rehearsal;

import io.pageferry.attach.AttachServer;
import io.pageferry.attach.AttachedPartition;
import io.pageferry.heat.PartitionHeat;
import io.pageferry.manifest.Manifest;
import io.pageferry.manifest.SpaceLayout;
import io.pageferry.migration.ArrivalOptions;
import io.pageferry.migration.MigrationOptions;
import io.pageferry.migration.MigrationState;
import io.pageferry.migration.Progress;
import io.pageferry.migration.SourceControl;
import io.pageferry.migration.SourceMigration;
import io.pageferry.migration.TargetControl;
import io.pageferry.migration.TargetMigration;
import io.pageferry.migration.Timeline;
import io.pageferry.page.PageSet;
import io.pageferry.pager.PageTableSwitch;
import io.pageferry.pager.TrackedMemory;
import io.pageferry.pager.WaitingMemory;
import io.pageferry.pager.WriteTracker;
import io.pageferry.pagetable.Table;
import io.pageferry.partition.Partition;
import io.pageferry.partition.PartitionOptions;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Moves a scratch partition to and fro within this process. What a migration does while the program stands still it does
 * once, so in a fresh agent it would run in the interpreter: the loops over all pages take a hundred times as long there.
 *
 * <p>Nothing here touches a page that is missing: a fault that is served by the process in which it happens can deadlock with
 * the garbage collector.
 */
public final class Rehearsal {
    private static final long PAGE_COUNT = 4096;
    private static final int ROUNDS = 24;
    private static final long MAX_WAIT_S = 10;
    private static final byte[] NO_STATE = {};

    private final Path folder;
    private final SpaceLayout layout = new SpaceLayout(PAGE_COUNT);

    private Rehearsal(Path folder) {
        this.folder = folder;
    }

    /**
     * One rehearsal of many rounds, on the calling thread: some 2 s of processor time, 48 MiB while it lasts, and 128 MiB for a moment
     * in the first.
     */
    public static void run() throws IOException, InterruptedException {
        runIn(Files.createTempDirectory("pageferry-rehearsal"));
    }

    static void runIn(Path folder) throws IOException, InterruptedException {
        try {
            new Rehearsal(folder).play();
        } finally {
            Files.deleteIfExists(folder);
        }
    }

    private void play() throws IOException, InterruptedException {
        try (Actor first = Actor.enter(this, "first", PartitionOptions.starting());
                Actor second = Actor.enter(this, "second", PartitionOptions.waiting());
                Arena arena = Arena.ofShared()) {
            first.attached().resume(Table.PARTITION, NO_STATE);
            ScratchSpace space = new ScratchSpace(layout, arena);
            for (int round = 0; round < ROUNDS; round++) {
                Actor source = round % 2 == 0 ? first : second;
                Actor target = round % 2 == 0 ? second : first;
                source.program().write(round);
                migrate(source, target, space);
            }
        }
    }

    private void migrate(Actor from, Actor to, ScratchSpace space) throws InterruptedException {
        Stage stage = new Stage();
        CompletableFuture<Void> arrival = CompletableFuture.runAsync(() -> arrive(to, space, stage));
        try (Manifest manifest = new Manifest(layout)) {
            SourceMigration.Request request = new SourceMigration.Request(
                    from.attached(), from.heat(), manifest, () -> new PageSet(PAGE_COUNT), 1, MigrationOptions.DEFAULT);
            new SourceMigration(request, from.tracker(), space.out(), stage, new Progress(), new Timeline()).run();
        }
        from.attached().awaitArrival();
        arrival.join();
    }

    private static void arrive(Actor to, ScratchSpace space, Stage stage) {
        try (TargetMigration migration = new TargetMigration(
                        to.attached(),
                        to.heat(),
                        MigrationOptions.DEFAULT.orderIn(),
                        space.in(),
                        stage,
                        new ArrivalOptions(true, 0),
                        new Progress(),
                        new Timeline());
                TargetMigration.Arrived arrived = migration.receive(
                        new WaitingMemory(to.attached().memory(), to.attached().mapping()))) {
            arrived.fill();
            new PageTableSwitch(to.attached(), new PageTableSwitch.Pace(PAGE_COUNT, Duration.ZERO))
                    .run(arrived.arrival().zeroes());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** A program in a partition, and the agent's side of it. */
    private record Actor(
            ScratchProgram program,
            Partition partition,
            AttachServer server,
            AttachedPartition attached,
            WriteTracker tracker,
            PartitionHeat heat)
            implements AutoCloseable {
        static Actor enter(Rehearsal rehearsal, String name, PartitionOptions options) {
            Path socket = rehearsal.folder.resolve(name + ".sock");
            CompletableFuture<AttachedPartition> attached = new CompletableFuture<>();
            AttachServer server = new AttachServer(socket, attached::complete);
            server.start();
            ScratchProgram program = new ScratchProgram();
            // Both have the partition's one name.
            Partition partition =
                    Partition.attach(socket, "rehearsal", PAGE_COUNT * SpaceLayout.PAGE_BYTES, program, options);
            return watch(program, partition, server, attached.join());
        }

        private static Actor watch(
                ScratchProgram program, Partition partition, AttachServer server, AttachedPartition attached) {
            List<Long> bases = List.of(attached.address(Table.PARTITION), attached.address(Table.MIGRATION));
            TrackedMemory memory = new TrackedMemory(attached.userfaultfd(), attached.pagemap(), bases, PAGE_COUNT);
            WriteTracker tracker = new WriteTracker(memory);
            PartitionHeat heat = new PartitionHeat(memory, tracker, attached.records(), pages -> {
                for (Table table : Table.values()) attached.dropEntries(table, pages);
            });
            return new Actor(program, partition, server, attached, tracker, heat);
        }

        @Override
        public void close() {
            partition.close();
            attached.gone().join();
            attached.close();
            server.close();
        }
    }

    /** The coordinator of a rehearsed migration: whoever asks for the commit gets it. */
    private static final class Stage implements SourceControl, TargetControl {
        private final CountDownLatch committed = new CountDownLatch(1);
        private final CountDownLatch verified = new CountDownLatch(1);
        private volatile boolean toVerify;

        @Override
        public void report(MigrationState state) {}

        @Override
        public void awaitVerified() {
            toVerify = true;
            try {
                var _ = verified.await(MAX_WAIT_S, TimeUnit.SECONDS);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public boolean isToVerify() {
            return toVerify && verified.getCount() > 0;
        }

        @Override
        public void verified() {
            verified.countDown();
        }

        @Override
        public boolean isCommitted(long generation) {
            return true;
        }

        @Override
        public void checkCancelled() {}

        @Override
        public void publish() {}

        @Override
        public Commit commit() {
            committed.countDown();
            return Commit.COMMITTED;
        }

        @Override
        public boolean awaitCommit(long timeoutMs) {
            try {
                return committed.await(timeoutMs, TimeUnit.MILLISECONDS);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return false;
            }
        }

        @Override
        public boolean isSwitching() {
            return false;
        }

        @Override
        public void resumed() {}
    }
}
