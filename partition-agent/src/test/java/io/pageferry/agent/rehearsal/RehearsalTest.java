package io.pageferry.agent.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.KernelRequirement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RehearsalTest {
    private static final int ROUNDS = 3;

    @TempDir
    private Path parent;

    @Test
    void aRehearsalMovesItsPartitionToAndFroAndLeavesNothingBehind() throws Exception {
        KernelRequirement.userfaultfd();
        Rehearsal.runIn(Files.createDirectory(parent.resolve("warm-up")));
        long descriptors = openDescriptors();
        for (int round = 0; round < ROUNDS; round++) {
            Rehearsal.runIn(Files.createDirectory(parent.resolve("round-" + round)));
        }
        // The two programs' own stay open, as a program's memory outlives its connection; the agent's as many do not.
        assertThat(openDescriptors() - descriptors).isLessThan(ROUNDS * 2L * 6);
        assertThat(parent).isEmptyDirectory();
    }

    private static long openDescriptors() throws IOException {
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }
}
