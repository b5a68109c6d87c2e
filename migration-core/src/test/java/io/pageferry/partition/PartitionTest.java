package io.pageferry.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pageferry.attach.AttachServer;
import io.pageferry.attach.AttachedPartition;
import io.pageferry.attach.ProgramFailedException;
import io.pageferry.attach.ProgramState;
import io.pageferry.linux.UnixListener;
import io.pageferry.linux.UnixSocket;
import io.pageferry.page.PageRange;
import io.pageferry.pagetable.PageRecords;
import io.pageferry.pagetable.Table;
import io.pageferry.testing.KernelRequirement;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PartitionTest {
    private static final long SIZE = 64 * 4096;
    private static final byte[] NOTHING = {};

    @TempDir
    private Path folder;

    private final BlockingQueue<AttachedPartition> attached = new LinkedBlockingQueue<>();
    private final ScriptedProgram program = new ScriptedProgram();
    private Path socket;
    private AttachServer server;

    @BeforeEach
    void start() {
        KernelRequirement.userfaultfd();
        socket = folder.resolve("agent");
        server = listen();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aProgramIsResumedQuiescedAndResumedWithTheStateItGave() throws Exception {
        try (Partition partition = Partition.attach(socket, "p", SIZE, program)) {
            AttachedPartition agent = next();
            assertThat(agent.attachment().state()).isEqualTo(ProgramState.NEW);
            agent.resume(Table.PARTITION, NOTHING);
            program.memory().segment().set(ValueLayout.JAVA_LONG, 4096, 17);
            program.state = "state".getBytes(StandardCharsets.UTF_8);
            assertThat(agent.quiesce()).isEqualTo(program.state);
            assertThat(agent.quiesce()).as("asked again").isEqualTo(program.state);
            assertThat(program.calls).containsExactly("resume 0", "quiesce");
            agent.resume(Table.PARTITION, program.state);
            assertThat(program.calls.getLast()).isEqualTo("resume 5");

            agent.quiesce();
            agent.depart();
            partition.awaitDeparture();
            agent.awaitArrival();
            assertThat(program.memory().segment().get(ValueLayout.JAVA_LONG, 0))
                    .as("on the partition table")
                    .isZero();
            assertThatThrownBy(agent::quiesce).hasMessage("cannot quiesce a program that is incoming");
        }
    }

    @Test
    void theMigrationTableIsInUseFromAResumeThereUntilTheMemoryIsGivenUp() throws Exception {
        try (Partition partition = Partition.attach(socket, "p", SIZE, program)) {
            AttachedPartition agent = next();
            List<Long> first = List.of(agent.address(Table.PARTITION));
            List<Long> both = List.of(agent.address(Table.PARTITION), agent.address(Table.MIGRATION));
            agent.resume(Table.PARTITION, NOTHING);
            assertThat(agent.basesInUse()).isEqualTo(first);
            giveUp(agent);
            agent.resume(Table.MIGRATION, NOTHING);
            assertThat(agent.basesInUse()).isEqualTo(both);
            agent.switchTables();
            assertThat(agent.basesInUse()).as("by a pointer of before").isEqualTo(both);
            agent.sweep(new PageRange(0, agent.pageCount()));
            agent.quiesce();
            agent.resume(Table.PARTITION, NOTHING);
            assertThat(agent.basesInUse()).as("what came by it may be tracked").isEqualTo(both);
            giveUp(agent);
            agent.resume(Table.PARTITION, NOTHING);
            assertThat(agent.basesInUse()).isEqualTo(first);

            server.close();
            server = listen();
            assertThat(next().basesInUse())
                    .as("to an agent that has not seen where it resumed")
                    .isEqualTo(both);
            assertThat(partition).isNotNull();
        }
    }

    private static void giveUp(AttachedPartition agent) {
        agent.quiesce();
        agent.depart();
        agent.awaitArrival();
        assertThat(agent.basesInUse()).containsExactly(agent.address(Table.PARTITION));
    }

    @Test
    void aRequestMadeWhileTheProgramAttachesWaitsUntilItHas() throws Exception {
        server.close();
        server = new AttachServer(socket, partition -> {
            attached.add(partition);
            Thread.ofPlatform().start(() -> partition.resume(Table.PARTITION, NOTHING));
            sleep(100);
        });
        server.start();
        try (Partition partition = Partition.attach(socket, "p", SIZE, program)) {
            assertThat(partition).isNotNull();
            await().until(() -> program.calls.contains("resume 0"));
            assertThat(next().quiesce()).isEmpty();
        }
    }

    @Test
    void wrongSizesAndNamesAreRefusedBeforeAnythingIsMade() {
        assertThatThrownBy(() -> Partition.attach(socket, "p", 4097, program))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a positive multiple of 4096 bytes")
                .hasMessageEndingWith("not 4097");
        assertThatThrownBy(() -> Partition.attach(socket, "../p", SIZE, program))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a partition's name is letters, digits");
    }

    @Test
    void aSecondProgramOfTheNameIsToldSo() {
        try (Partition first = Partition.attach(socket, "p", SIZE, program)) {
            assertThat(first).isNotNull();
            assertThatThrownBy(() -> Partition.attach(socket, "p", SIZE, program))
                    .isInstanceOf(AttachException.class)
                    .hasMessageContaining("refused: partition p is attached already, by process "
                            + ProcessHandle.current().pid());
        }
    }

    @Test
    void whereNoAgentIsTheErrorNamesTheSocket() {
        assertThatThrownBy(() -> Partition.attach(folder.resolve("none"), "p", SIZE, program))
                .isInstanceOf(AttachException.class)
                .hasMessageContaining("cannot connect to " + folder.resolve("none"))
                .hasMessageContaining("ENOENT");
    }

    @Test
    void somethingElseAtTheSocketIsNotTakenForAnAgent() throws Exception {
        Path other = folder.resolve("other");
        try (UnixListener listener = UnixListener.bind(other)) {
            Thread.ofPlatform().start(() -> {
                UnixSocket accepted = listener.accept().orElseThrow();
                accepted.send("220 mail server\n".getBytes(StandardCharsets.UTF_8), List.of());
            });
            assertThatThrownBy(() -> Partition.attach(other, "p", SIZE, program))
                    .isInstanceOf(AttachException.class)
                    .hasMessage("not a verb: '220'");
        }
    }

    @Test
    void wrongRangesOfTheMemoryAreRefusedAndEmptyOnesAreNothing() throws Exception {
        try (Partition partition = Partition.attach(socket, "p", SIZE, program)) {
            next().resume(Table.PARTITION, NOTHING);
            PartitionMemory memory = program.memory();
            assertThat(partition).isNotNull();
            assertThat(memory.pageSizeBytes()).isEqualTo(4096);
            assertThat(memory.sizeBytes()).isEqualTo(SIZE);
            assertThatThrownBy(() -> memory.segment().get(ValueLayout.JAVA_BYTE, SIZE))
                    .isInstanceOf(IndexOutOfBoundsException.class);
            for (long[] range : new long[][] {{SIZE, 4096}, {0, SIZE + 4096}, {-4096, 4096}, {0, -4096}}) {
                assertThatThrownBy(() -> memory.release(range[0], range[1]))
                        .isInstanceOf(IndexOutOfBoundsException.class);
                assertThatThrownBy(() -> memory.protect(range[0], range[1], Access.READ_ONLY))
                        .isInstanceOf(IndexOutOfBoundsException.class);
            }
            for (long[] range : new long[][] {{1, 4096}, {0, 4095}, {2048, 2048}}) {
                assertThatThrownBy(() -> memory.release(range[0], range[1]))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("must be multiples of the page size, 4096");
                assertThatThrownBy(() -> memory.protect(range[0], range[1], Access.READ_ONLY))
                        .isInstanceOf(IllegalArgumentException.class);
            }
            memory.release(0, 0);
            memory.release(SIZE, 0);
            memory.protect(4096, 8192, Access.READ_ONLY);
        }
    }

    @Test
    void whatAProgramRecordsItsAgentReads() throws Exception {
        try (Partition partition = Partition.attach(socket, "p", SIZE, program)) {
            AttachedPartition agent = next();
            agent.resume(Table.PARTITION, NOTHING);
            assertThat(partition).isNotNull();
            program.memory().release(4096, 8192);
            program.memory().protect(4 * 4096, 4096, Access.READ_ONLY);
            assertThat(agent.records().has(1, PageRecords.RELEASED)).isTrue();
            assertThat(agent.records().has(3, PageRecords.RELEASED)).isFalse();
            assertThat(agent.records().has(4, PageRecords.READ_ONLY)).isTrue();
            program.memory().protect(4 * 4096, 4096, Access.READ_WRITE);
            assertThat(agent.records().has(4, PageRecords.READ_ONLY)).isFalse();
        }
    }

    @Test
    void whatAProgramThrowsReachesItsAgentAndTheProgramIsAskedAgain() throws Exception {
        try (Partition partition = Partition.attach(socket, "p", SIZE, program)) {
            AttachedPartition agent = next();
            assertThat(partition).isNotNull();
            program.failure = new IllegalStateException("not today");
            failed(() -> agent.resume(Table.PARTITION, NOTHING), "the program's resume failed: ");
            failed(() -> agent.resume(Table.PARTITION, NOTHING), "not today");
            program.failure = null;
            agent.resume(Table.PARTITION, NOTHING);
            program.failure = new AssertionError("an error, " + "and a long one".repeat(300));
            failed(agent::quiesce, "the program's quiesce failed: java.lang.AssertionError: an error");
            program.failure = null;
            assertThat(agent.quiesce()).isEmpty();
        }
    }

    @Test
    void aStateTooLargeToTravelIsRefusedAndTheProgramGoesOn() throws Exception {
        try (Partition partition = Partition.attach(socket, "p", SIZE, program)) {
            AttachedPartition agent = next();
            assertThat(partition).isNotNull();
            agent.resume(Table.PARTITION, NOTHING);
            program.state = new byte[Partition.MAX_STATE_BYTES + 1];
            failed(agent::quiesce, "quiesce returned a state of 65537 bytes; the limit is 65536. The program goes on");
            assertThat(program.calls).containsExactly("resume 0", "quiesce", "resume 65537");
            program.state = new byte[Partition.MAX_STATE_BYTES];
            assertThat(agent.quiesce()).hasSize(Partition.MAX_STATE_BYTES);
        }
    }

    @Test
    void requestsThatMakeNoSenseGetAReasonAndTheProgramStaysAttached() throws Exception {
        try (Partition partition = Partition.attach(socket, "p", SIZE, program)) {
            AttachedPartition agent = next();
            assertThat(partition).isNotNull();
            failed(agent::quiesce, "cannot quiesce a program that is new");
            agent.resume(Table.PARTITION, NOTHING);
            failed(() -> agent.resume(Table.PARTITION, NOTHING), "cannot resume a program that is running");
            failed(agent::depart, "cannot depart a program that is running");
            failed(agent::awaitArrival, "cannot wait for an arrival in a program that is running");
            failed(() -> agent.sweep(new PageRange(60, 5)), "pages 60 + 5 are not within 64");
            assertThat(agent.quiesce()).isEmpty();
        }
    }

    @Test
    void aProgramWhoseAgentGoesAttachesToTheNextAndKeepsItsState() throws Exception {
        try (Partition partition = Partition.attach(socket, "p", SIZE, program)) {
            AttachedPartition first = next();
            assertThat(partition).isNotNull();
            first.resume(Table.PARTITION, NOTHING);
            program.state = new byte[] {1, 2};
            first.quiesce();
            server.close();
            first.gone().get(10, TimeUnit.SECONDS);
            server = listen();

            AttachedPartition second = next();
            assertThat(second.attachment().state()).isEqualTo(ProgramState.QUIESCED);
            assertThat(second.quiesce()).containsExactly(1, 2);
        }
    }

    private AttachServer listen() {
        AttachServer listening = new AttachServer(socket, attached::add);
        listening.start();
        return listening;
    }

    private AttachedPartition next() throws InterruptedException {
        AttachedPartition partition = attached.poll(30, TimeUnit.SECONDS);
        if (partition == null) throw new IllegalStateException("nobody attached");
        return partition;
    }

    private static void failed(ThrowingCallable request, String reason) {
        assertThatThrownBy(request).isInstanceOf(ProgramFailedException.class).hasMessageContaining(reason);
    }

    private static void sleep(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
