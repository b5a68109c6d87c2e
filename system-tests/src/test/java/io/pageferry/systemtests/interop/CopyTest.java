package io.pageferry.systemtests.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.TestSeed;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A sparse file to a space and back, by nbdcopy and by qemu-img. */
@ExtendWith(SharedServer.class)
class CopyTest {
    private static final long SIZE_BYTES = (96 << 20) + 4096;

    private final ServerProcess server;

    @TempDir
    private Path folder;

    CopyTest(ServerProcess server) {
        this.server = server;
    }

    /** Stretches of data between holes; the last page is data. */
    private Path image() throws Exception {
        Random random = TestSeed.random(CopyTest.class);
        Path image = folder.resolve("image.raw");
        byte[] stretch = new byte[1 << 20];
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(SIZE_BYTES);
            for (int i = 0; i < 24; i++) {
                random.nextBytes(stretch);
                file.seek(random.nextInt((int) (SIZE_BYTES - stretch.length)));
                file.write(stretch, 0, 1 + random.nextInt(stretch.length));
            }
            file.seek(SIZE_BYTES - 4096);
            file.write(stretch, 0, 4096);
        }
        return image;
    }

    private void copyBothWays(String space, boolean tcp) throws Exception {
        server.create(space, SIZE_BYTES);
        String uri = tcp ? server.tcp(space) : server.unix(space);
        Path image = image();
        Path back = folder.resolve("back.raw");

        nbdcopy(image.toString(), uri);
        nbdcopy(uri, back.toString());

        assertThat(Files.mismatch(image, back)).isEqualTo(-1);
        assertThat(Tool.run("libnbd-bin", "nbdinfo", "--map", "--totals", uri)).contains("hole,zero");
    }

    private static void nbdcopy(String from, String to) throws Exception {
        Tool.run("libnbd-bin", "nbdcopy", "--connections=4", "--requests=64", "--flush", from, to);
    }

    @Test
    void nbdcopyOverTcpBringsBackWhatItTookAndKeepsHoles() throws Exception {
        copyBothWays("copy-tcp", true);
    }

    @Test
    void nbdcopyOverAUnixSocketBringsBackWhatItTookAndKeepsHoles() throws Exception {
        copyBothWays("copy-unix", false);
    }

    @Test
    void nbdcopyFromOneSpaceToAnotherLeavesThemEqual() throws Exception {
        server.create("copy-a", SIZE_BYTES);
        server.create("copy-b", SIZE_BYTES);
        nbdcopy(image().toString(), server.unix("copy-a"));
        nbdcopy(server.unix("copy-a"), server.tcp("copy-b"));

        assertThat(compare(server.unix("copy-a"), server.unix("copy-b"))).contains("Images are identical");
    }

    private static String compare(String a, String b) throws Exception {
        return Tool.run("qemu-utils", "qemu-img", "compare", "-f", "raw", "-F", "raw", a, b);
    }

    @Test
    void qemuImgConvertsBothWaysAndComparesEqual() throws Exception {
        server.create("convert", SIZE_BYTES);
        String uri = server.unix("convert");
        Path image = image();
        Path back = folder.resolve("back.raw");
        convert("-n", image.toString(), uri);
        assertThat(compare(image.toString(), uri)).contains("Images are identical");

        convert(uri, back.toString());
        assertThat(Files.mismatch(image, back)).isEqualTo(-1);

        Tool.run("qemu-utils", "qemu-io", "-f", "raw", "-c", "write -P 90 5M 1", uri);
        assertThat(Tool.attempt("qemu-utils", "qemu-img", "compare", image.toString(), uri)
                        .exitStatus())
                .isEqualTo(1);
    }

    private static void convert(String... arguments) throws Exception {
        String[] all = new String[arguments.length + 6];
        System.arraycopy(new String[] {"convert", "-f", "raw", "-O", "raw", "-W"}, 0, all, 0, 6);
        System.arraycopy(arguments, 0, all, 6, arguments.length);
        Tool.run("qemu-utils", "qemu-img", all);
    }
}
