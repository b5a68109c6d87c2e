package io.pageferry.agent.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.KernelRequirement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class RehearsalTest {
    @Test
    void aRehearsalMovesItsPartitionToAndFroAndLeavesNothingBehind() throws Exception {
        KernelRequirement.userfaultfd();
        Rehearsal.run();
        long descriptors = openDescriptors();
        Rehearsal.run();
        // Those of the two programs stay open, as a program's memory outlives its connection; the agent's do not.
        assertThat(openDescriptors() - descriptors).isLessThanOrEqualTo(8);
        try (var left = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .noneMatch(name -> name.startsWith("pageferry-rehearsal"));
        }
    }

    private static long openDescriptors() throws IOException {
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }
}
