package io.pageferry.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.linux.PeerCredentials;
import io.pageferry.testing.ChildJvm;
import io.pageferry.testing.KernelRequirement;
import io.pageferry.testing.RequiredTool;
import io.pageferry.testing.TestSeed;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs and agents of a user without any capability. */
class OtherUserTest {
    private static final int NOBODY = 65534;

    @TempDir
    private Path folder;

    private String classPath;

    @BeforeEach
    void prepare() throws IOException {
        KernelRequirement.userfaultfd();
        if (PeerCredentials.ownUserId() != 0) KernelRequirement.missing("only root can act as another user");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        classPath = readableClassPath();
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
        try (ChildJvm agent = asNobody(
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
            assertThat(failureOfNobody(socket)).contains("this agent serves user 0 and root, not user " + NOBODY);
            assertThat(agent.server().partitions()).isEmpty();
        }
    }

    private ChildJvm programOnceThereIs(ChildJvm agent, Path socket) {
        assertThat(agent.nextLine()).isEqualTo("listening");
        return asNobody(PatternProgram.class, socket.toString(), "p", "3000", "incoming");
    }

    private String failureOfNobody(Path socket) throws IOException {
        List<String> command = command(PatternProgram.class, socket.toString(), "p", "16", "incoming");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private ChildJvm asNobody(Class<?> main, String... arguments) {
        return ChildJvm.run(main.getSimpleName(), command(main, arguments));
    }

    private List<String> command(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                RequiredTool.find("setpriv", "util-linux").toString(),
                "--reuid=" + NOBODY,
                "--regid=" + NOBODY,
                "--clear-groups",
                "--inh-caps=-all",
                "--bounding-set=-all",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath,
                main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    // The build may lie, and the libraries usually do, where nobody else can read.
    private String readableClassPath() throws IOException {
        List<String> entries = new ArrayList<>();
        String all = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        for (String entry : all.split(File.pathSeparator, -1)) {
            Path from = Path.of(entry);
            if (!Files.isDirectory(from) && !entry.contains("HdrHistogram") && !entry.contains("jspecify")) continue;
            Path to = folder.resolve("class-path-" + entries.size() + (Files.isDirectory(from) ? "" : ".jar"));
            copy(from, to);
            entries.add(to.toString());
        }
        return String.join(File.pathSeparator, entries);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path copy = Path.of(to.toString(), from.relativize(file).toString());
                if (Files.isDirectory(file)) Files.createDirectories(copy);
                else Files.copy(file, copy);
            }
        }
    }
}
