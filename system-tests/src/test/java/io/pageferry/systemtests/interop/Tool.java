package io.pageferry.systemtests.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.KernelRequirement;
import io.pageferry.testing.RequiredTool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs other people's programs. */
final class Tool {
    /** The Python of the system, which has the modules of the system's packages. */
    static final String SYSTEM_PYTHON = "/usr/bin/python3";

    private static final long PATIENCE_S = 60;

    /** What a program said, on both of its outputs, and its exit status. */
    record Outcome(String output, int exitStatus) {}

    private Tool() {}

    /** The path of one of the Python scripts that belong to these tests. */
    static String script(String name) {
        return Path.of(System.getProperty("pageferry.home", ".."), "system-tests/src/test/python", name)
                .toString();
    }

    /** Ends the test where the system's Python lacks a module of a Debian package. */
    static void requirePython(String module, String debianPackage) throws IOException, InterruptedException {
        if (attempt("coreutils", "env", SYSTEM_PYTHON, "-c", "import " + module).exitStatus() != 0) {
            KernelRequirement.missing(
                    SYSTEM_PYTHON + " has no module " + module + ": apt-get install " + debianPackage);
        }
    }

    /** Runs a program of a Debian package, which must succeed; what it said. */
    static String run(String debianPackage, String program, String... arguments)
            throws IOException, InterruptedException {
        Outcome outcome = attempt(debianPackage, program, arguments);
        assertThat(outcome.exitStatus())
                .as("%s %s: %s", program, List.of(arguments), outcome.output())
                .isZero();
        return outcome.output();
    }

    /** Runs a program of a Debian package to its end. */
    static Outcome attempt(String debianPackage, String program, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(RequiredTool.find(program, debianPackage).toString());
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile("pageferry-tool", ".out");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            boolean ended = process.waitFor(PATIENCE_S, TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly().onExit().join();
            }
            String said = Files.readString(output, StandardCharsets.ISO_8859_1);
            assertThat(ended).as("%s ends; it said: %s", command, said).isTrue();
            return new Outcome(said, process.exitValue());
        } finally {
            Files.delete(output);
        }
    }
}
