package io.pageferry.server.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.nbd.CommandType;
import io.pageferry.nbd.NbdError;
import io.pageferry.testing.KernelRequirement;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A pool on a filesystem of 48 MiB, which is mounted for the test. */
class FullDeviceTest {
    private static final int MIB = 1 << 20;

    @SuppressWarnings("NullAway.Init")
    private Path mount;

    @SuppressWarnings("NullAway.Init")
    private ServedPool served;

    @BeforeEach
    void mount() throws Exception {
        mount = Files.createTempDirectory("pageferry-full");
        if (run("mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", mount.toString()) != 0) {
            KernelRequirement.missing("mounting a tmpfs needs root");
        }
        served = new ServedPool(mount, NbdServerOptions.defaults());
        served.create("a", 1L << 40);
        served.create("b", 64 * MIB);
    }

    @AfterEach
    void unmount() throws Exception {
        served.close();
        run("umount", mount.toString());
        Files.delete(mount);
    }

    private static int run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int exit = process.waitFor();
        System.out.print(output);
        return exit;
    }

    private static long fill(RawClient client, int pieceBytes) throws Exception {
        long offset = 0;
        while (true) {
            int error = client.write(offset, new byte[pieceBytes]);
            if (error != 0) {
                assertThat(error).isEqualTo(NbdError.ENOSPC.code());
                return offset;
            }
            offset += pieceBytes;
        }
    }

    @Test
    void aFullDeviceIsAnErrorAndEverythingElseGoesOn() throws Exception {
        try (RawClient a = RawClient.open(served.address, "a", false);
                RawClient b = RawClient.open(served.address, "b", false)) {
            assertThat(b.write(0, new byte[] {7})).isZero();
            long filled = fill(a, MIB);
            filled += fillRest(a, filled);
            assertThat(filled).isGreaterThan(16L * MIB);

            assertThat(b.write(4096, new byte[4096])).isEqualTo(NbdError.ENOSPC.code());
            assertThat(b.write(0, new byte[] {8})).isZero(); // allocated before
            assertThat(b.read(0, 1)).containsExactly(8);
            assertThat(b.read(MIB, 4 * MIB)).containsOnly(0); // holes, which there is no room to allocate
            assertThat(a.read(0, 10)).containsOnly(0);
            assertThat(b.command(0, CommandType.FLUSH, 0, 0)).isZero();

            assertThat(a.command(0, CommandType.TRIM, 0, 8 * MIB)).isZero();
            assertThat(b.write(4096, new byte[4096])).isZero();
            assertThat(a.write(0, new byte[4 * MIB])).isZero();
        }
    }

    @Test
    void theDirectoryFindsNoRoomEither() throws Exception {
        try (RawClient b = RawClient.open(served.address, "b", false);
                RawClient a = RawClient.open(served.address, "a", false)) {
            fillRest(a, fill(a, MIB));
            // The first write of each of these extents needs an entry of the directory as well as a page.
            for (int extent = 0; extent < 64; extent++) {
                assertThat(b.write((long) extent * MIB, new byte[1])).isEqualTo(NbdError.ENOSPC.code());
            }
            assertThat(a.command(0, CommandType.TRIM, 0, 2 * MIB)).isZero();
            for (int extent = 0; extent < 64; extent++) {
                assertThat(b.write((long) extent * MIB, new byte[1])).isZero();
            }
        }
    }

    private static long fillRest(RawClient client, long from) throws Exception {
        long offset = from;
        while (client.write(offset, new byte[4096]) == 0) {
            offset += 4096;
        }
        return offset - from;
    }
}
