package io.pageferry.testing;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * A program that a test needs. Where it is missing the test is aborted with a message, but with CI=true it fails: what must be
 * shown may not be left out in silence.
 */
public final class RequiredTool {
    private RequiredTool() {}

    /** The path of {@code program}; ends the test where it is not installed. {@code debianPackage} is what brings it. */
    public static Path find(String program, String debianPackage) {
        Optional<Path> found = onPath(program);
        if (found.isEmpty()) {
            KernelRequirement.missing(program + " is not installed: apt-get install " + debianPackage);
        }
        return found.orElseThrow();
    }

    /** The path of {@code program}, if it is installed. */
    public static Optional<Path> onPath(String program) {
        String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin") + File.pathSeparator + "/usr/sbin:/sbin";
        return Arrays.stream(path.split(File.pathSeparator))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
