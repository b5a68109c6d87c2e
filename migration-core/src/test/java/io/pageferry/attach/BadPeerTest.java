package io.pageferry.attach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.testing.KernelRequirement;
import io.pageferry.testing.TestSeed;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Peers that do not keep to the protocol: each gets a clear error, and the agent lives. */
class BadPeerTest {
    @TempDir
    private Path folder;

    private Path socket;
    private AttachServer server;
    private RawPeer peer;

    @BeforeEach
    void start() {
        KernelRequirement.userfaultfd();
        socket = folder.resolve("agent");
        server = new AttachServer(socket, partition -> closeWhenGone(partition), Duration.ofMillis(700));
        server.start();
        peer = new RawPeer(socket);
    }

    @AfterEach
    void theAgentLives() {
        peer.close();
        try (RawPeer good = new RawPeer(socket)) {
            good.attach(good.attachMessage("good"), good.descriptors());
            assertThat(good.hear()).isEqualTo("attached version=1");
        }
        server.close();
        await().until(() -> server.partitions().isEmpty());
    }

    @Test
    void garbageIsRefused() {
        peer.send("\u0000\u00ff\u0001 garbage\n");
        assertThat(peer.refusal()).startsWith("not a verb: '???");
        assertThat(peer.hear()).isEqualTo("(closed)");
    }

    @Test
    void randomBytesOfAnyLengthEndNothingButTheirOwnConnection() {
        Random random = TestSeed.random(BadPeerTest.class);
        for (int i = 0; i < 100; i++) {
            try (RawPeer one = new RawPeer(socket)) {
                byte[] bytes = new byte[1 + random.nextInt(6000)];
                random.nextBytes(bytes);
                bytes[bytes.length - 1] = '\n';
                one.send(bytes, List.of());
                assertThat(one.hear()).matches("refused reason=.*|\\(closed\\)");
            }
        }
    }

    @Test
    void aLineTooLongIsRefused() {
        peer.send("attach name=" + "x".repeat(5000));
        assertThat(peer.refusal()).isEqualTo("a line is longer than 4096 bytes");
    }

    @Test
    void aRequestOfAnAgentIsNoWayToBegin() {
        peer.send("resume pointer=partition\n");
        assertThat(peer.refusal()).isEqualTo("the first line must be 'attach', not 'resume'");
    }

    @Test
    void whoSaysNothingOrNotAllIsToldAndCutOff() {
        peer.send("attach version=1 name=sl");
        assertThat(peer.refusal()).isEqualTo("nothing complete was said within 700 ms");
        assertThat(peer.hear()).isEqualTo("(closed)");
    }

    @Test
    void missingAndSurplusDescriptorsAreRefused() {
        peer.attach(peer.attachMessage("p"), peer.descriptors().subList(0, 3));
        assertThat(peer.refusal())
                .isEqualTo("attach carries 4 descriptors (memory, userfaultfd, pagemap, page records), not 3");
        try (RawPeer other = new RawPeer(socket)) {
            other.send(other.attachMessage("p").with("descriptors", 4).toBytes(), List.of());
            assertThat(other.refusal()).isEqualTo("attach says 4 descriptors, 0 came");
        }
        try (RawPeer other = new RawPeer(socket)) {
            List<Descriptor> five = new ArrayList<>(other.descriptors());
            five.add(other.memory);
            other.attach(other.attachMessage("p"), five);
            assertThat(other.refusal()).endsWith("not 5");
        }
    }

    @Test
    void descriptorsThatNoMessageClaimsDoNotFillTheAgent() {
        List<Descriptor> eight = Collections.nCopies(8, peer.memory);
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 1000; i++) peer.send("x".getBytes(StandardCharsets.US_ASCII), eight);
                })
                .hasMessageMatching(".*(EPIPE|ECONNRESET).*");
        assertThat(peer.refusal()).isEqualTo("more than 8 descriptors without a message");
    }

    @Test
    void descriptorsOfTheWrongKindAreNamed() {
        refused(0, peer.pagemap, "the memory must be a memfd with the seals F_SEAL_SHRINK and F_SEAL_GROW");
        refused(3, peer.userfaultfd, "the page records must be a memfd with the seals");
        refused(1, peer.memory, "the descriptors or addresses are not what they should be: userfaultfd ioctl");
        refused(2, peer.memory, "is not of a process's pagemap");
        refused(0, peer.records, "the memory has 16 bytes, not 65536");
        try (Descriptor readOnly = FileCalls.reopen(peer.memory, FileCalls.OpenMode.READ)) {
            refused(0, readOnly, "the descriptors or addresses are not what they should be: mmap");
        }
        try (Descriptor unsealed = FileCalls.memfd("unsealed", RawPeer.SIZE)) {
            refused(0, unsealed, "the memory must be a memfd with the seals");
        }
    }

    @Test
    void addressesThatAreNoMappingOfTheProgramAreRefused() {
        Message elsewhere = Message.parse(new String(peer.attachMessage("p").toBytes(), StandardCharsets.UTF_8)
                .strip()
                .replaceFirst("partition-table=0x[0-9a-f]+", "partition-table=0x1000"));
        peer.attach(elsewhere, peer.descriptors());
        assertThat(peer.refusal()).startsWith("the descriptors or addresses are not what they should be");
    }

    @Test
    void aSecondProgramOfTheSameNameIsRefusedAndTheFirstStays() {
        peer.attach(peer.attachMessage("p"), peer.descriptors());
        assertThat(peer.hear()).isEqualTo("attached version=1");
        try (RawPeer second = new RawPeer(socket)) {
            second.attach(second.attachMessage("p"), second.descriptors());
            assertThat(second.refusal()).startsWith("partition p is attached already, by process ");
        }
        assertThat(server.partition("p")).isPresent();
    }

    @Test
    void anAnswerThatIsNoneEndsThatProgramsConnectionAndItsRequestsFail() {
        peer.attach(peer.attachMessage("p"), peer.descriptors());
        assertThat(peer.hear()).isEqualTo("attached version=1");
        AttachedPartition partition = server.partition("p").orElseThrow();
        Thread liar = Thread.ofPlatform().start(() -> {
            peer.hear();
            peer.send("done id=999\nnonsense id=1\n");
        });
        assertThatThrownBy(partition::quiesce).isInstanceOf(AttachLostException.class);
        assertThatThrownBy(partition::switchTables).isInstanceOf(AttachLostException.class);
        await().until(() -> server.partition("p").isEmpty());
        assertThat(liar).isNotNull();
    }

    @Test
    void twoAgentsCannotServeOneSocket() {
        assertThatThrownBy(() -> new AttachServer(socket, partition -> {}))
                .hasMessageContaining("cannot listen at " + socket + ": another process listens there");
    }

    @Test
    void connectionsBeyondTheLimitAreRefused() {
        List<RawPeer> crowd = new ArrayList<>();
        try {
            for (int i = 0; i < AttachServer.MAX_CONNECTIONS; i++) crowd.add(new RawPeer(socket));
            assertThat(crowd.getLast().hear())
                    .matches("refused reason=(this\\+agent\\+has\\+256\\+connections|nothing).*");
        } finally {
            crowd.forEach(RawPeer::close);
        }
        await().until(() -> {
            try (RawPeer next = new RawPeer(socket)) {
                next.attach(next.attachMessage("next"), next.descriptors());
                return next.hear().startsWith("attached");
            }
        });
    }

    private void refused(int index, Descriptor wrong, String reason) {
        try (RawPeer one = new RawPeer(socket)) {
            List<Descriptor> descriptors = new ArrayList<>(one.descriptors());
            descriptors.set(index, wrong);
            one.attach(one.attachMessage("p"), descriptors);
            assertThat(one.refusal()).contains(reason);
        }
    }

    private static void closeWhenGone(AttachedPartition partition) {
        var _ = partition.gone().thenRun(partition::close);
    }
}
