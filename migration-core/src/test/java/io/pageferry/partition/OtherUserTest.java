package io.pageferry.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.ChildJvm;
import io.pageferry.testing.KernelRequirement;
import io.pageferry.testing.OtherUser;
import io.pageferry.testing.TestSeed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs and agents of a user without any capability. */
class OtherUserTest {
    @TempDir
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private OtherUser nobody;

    @BeforeEach
    void prepare() throws IOException {
        KernelRequirement.userfaultfd();
        nobody = OtherUser.in(folder);
    }

    @Test
    void anUnprivilegedProgramGetsUserModeFaultsAndItsPagesArriveRight() throws IOException {
        if (Files.readString(Path.of("/proc/sys/vm/unprivileged_userfaultfd"))
                .strip()
                .equals("1")) {
            KernelRequirement.missing("vm.unprivileged_userfaultfd is 1, so nobody is restricted to user-mode faults");
        }
        long seed = TestSeed.choose(OtherUserTest.class);
        Path socket = folder.resolve("agent");
        try (ChildJvm agent = nobody.start(
                        PatternAgentMain.class, socket.toString(), Long.toString(seed), Long.toString(Long.MAX_VALUE));
                ChildJvm program = programOnceThereIs(agent, socket)) {
            assertThat(program.nextLine()).isEqualTo("attached");
            assertThat(agent.nextLine()).isEqualTo("attached incoming user-mode-only");
            program.ask("read-all 2");
            program.send("await");
            assertThat(program.nextLine(Duration.ofMinutes(1))).isEqualTo("3000 read, 0 wrong");
        }
    }

    @Test
    void aClientOfAnotherUserIsKeptOutByTheSocketsModeAndByTheAgent() throws IOException {
        Path socket = folder.resolve("agent");
        try (PatternAgent agent = PatternAgent.start(socket, 0)) {
            assertThat(failureOfNobody(socket)).contains("cannot connect to " + socket + ": EACCES");
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
            assertThat(failureOfNobody(socket)).contains("this agent serves user 0 and root, not user " + OtherUser.ID);
            assertThat(agent.server().partitions()).isEmpty();
        }
    }

    private ChildJvm programOnceThereIs(ChildJvm agent, Path socket) {
        assertThat(agent.nextLine()).isEqualTo("listening");
        return nobody.start(PatternProgram.class, socket.toString(), "p", "3000", "incoming");
    }

    private String failureOfNobody(Path socket) throws IOException {
        return nobody.output(PatternProgram.class, socket.toString(), "p", "16", "incoming");
    }
}
