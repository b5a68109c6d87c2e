package io.pageferry.agent.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.KernelRequirement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RehearsalTest {
    @TempDir
    private Path parent;

    @Test
    void aRehearsalMovesItsPartitionToAndFroAndLeavesNothingBehind() throws Exception {
        KernelRequirement.userfaultfd();
        Rehearsal.runIn(Files.createDirectory(parent.resolve("first")));
        long descriptors = openDescriptors();
        Rehearsal.runIn(Files.createDirectory(parent.resolve("second")));
        // Those of the two programs stay open, as a program's memory outlives its connection; the agent's do not.
        assertThat(openDescriptors() - descriptors).isLessThanOrEqualTo(8);
        assertThat(parent).isEmptyDirectory();
    }

    private static long openDescriptors() throws IOException {
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }
}
