package io.pageferry.testing;

import io.pageferry.linux.PeerCredentials;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Runs programs of the tests as a user without any capability. */
public final class OtherUser {
    public static final int ID = 65534;

    private static final List<String> NEEDED = List.of("HdrHistogram", "jspecify", "migration-core");

    private final String classPath;

    private OtherUser(String classPath) {
        this.classPath = classPath;
    }

    /** The other user, who may do everything in a folder of the test's; skips the test where nobody can act for him. */
    public static OtherUser in(Path folder) throws IOException {
        if (PeerCredentials.ownUserId() != 0) KernelRequirement.missing("only root can act as another user");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        return new OtherUser(readableClassPath(folder));
    }

    /** Starts a program. */
    public ChildJvm start(Class<?> main, String... arguments) {
        return ChildJvm.run(main.getSimpleName(), command(main, arguments));
    }

    /** All that a program prints until its end. */
    public String output(Class<?> main, String... arguments) throws IOException {
        Process process = new ProcessBuilder(command(main, arguments))
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private List<String> command(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                RequiredTool.find("setpriv", "util-linux").toString(),
                "--reuid=" + ID,
                "--regid=" + ID,
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
    private static String readableClassPath(Path folder) throws IOException {
        List<String> entries = new ArrayList<>();
        String all = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        for (String entry : all.split(File.pathSeparator, -1)) {
            Path from = Path.of(entry);
            if (!Files.isDirectory(from) && NEEDED.stream().noneMatch(entry::contains)) continue;
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
