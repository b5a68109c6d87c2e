package io.pageferry.systemtests.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The Linux kernel itself pages on a paging space: a program that needs more memory than it may have finds all of it again. */
@ExtendWith(SharedServer.class)
class LinuxSwapTest {
    private static final int MIB = 1 << 20;
    private static final int PROGRAM_MIB = 96;

    private final ServerProcess server;

    @TempDir
    private Path mount;

    LinuxSwapTest(ServerProcess server) {
        this.server = server;
    }

    @Test
    void aProgramThatOverflowsIntoAnExportFindsItsContentAgain() throws Exception {
        server.create("swap", 256 * MIB);
        try (SwapDevice swap = SwapDevice.start(mount, server.unix("swap"))) {
            String said = overflow();
            System.out.println(said.strip() + "; " + swap.usage());

            assertThat(Integer.parseInt(said.strip().replace("swapped-kib ", "")))
                    .isGreaterThan(PROGRAM_MIB / 4 * 1024);
        }
        String totals = Tool.run("libnbd-bin", "nbdinfo", "--map", "--totals", server.unix("swap"));
        assertThat(totals).contains("data");
        assertThat(server.isAlive()).isTrue();
    }

    private static String overflow() throws Exception {
        Optional<MemoryLimit> limit = MemoryLimit.create(PROGRAM_MIB / 2 * (long) MIB);
        String program = "exec /usr/bin/python3 " + Tool.script("swap_overflow.py") + " " + PROGRAM_MIB;
        if (limit.isEmpty()) {
            return Tool.run("dash", "sh", "-c", program + " --page-out");
        }
        try (MemoryLimit group = limit.orElseThrow()) {
            return Tool.run("dash", "sh", "-c", "echo $$ >" + group.processes() + " && " + program);
        }
    }
}
