package io.pageferry.systemtests.interop;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.testing.ChildJvm;
import io.pageferry.testing.KernelRequirement;
import io.pageferry.testing.RequiredTool;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.awaitility.Awaitility;

/**
 * A real filesystem on a disk that answers only when the test lets it: nbdkit with its pause filter, shown as a file by nbdfuse,
 * made a disk by a loop device, with ext4 on it. Undone in reverse, however far it came.
 */
final class SlowDisk implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private interface Step {
        void undo() throws IOException, InterruptedException;
    }

    private final Path folder;
    private final Path mount;
    private final Deque<Step> undoing = new ArrayDeque<>();

    private SlowDisk(Path folder) {
        this.folder = folder;
        this.mount = folder.resolve("mount");
    }

    static SlowDisk start(Path folder, String size) throws IOException, InterruptedException {
        for (String device : List.of("/dev/fuse", "/dev/loop-control")) {
            if (!Files.isWritable(Path.of(device))) {
                KernelRequirement.missing(
                        device + " is not there for this user: a slow disk needs root, FUSE and loop");
            }
        }
        SlowDisk disk = new SlowDisk(folder);
        try {
            disk.mount(size);
            return disk;
        } catch (IOException | InterruptedException | RuntimeException | AssertionError e) {
            disk.close();
            throw e;
        }
    }

    private void mount(String size) throws IOException, InterruptedException {
        Path socket = folder.resolve("nbdkit.sock");
        run(
                "nbdkit",
                "nbdkit",
                "-f",
                "-U",
                socket.toString(),
                "--filter=pause",
                "memory",
                size,
                "pause-control=" + control());
        Awaitility.await("nbdkit").atMost(PATIENCE).until(() -> Files.exists(socket) && Files.exists(control()));
        Path fuse = Files.createDirectory(folder.resolve("fuse"));
        Path file = fuse.resolve("nbd");
        run("nbdfuse", "libnbd-bin", file.toString(), "nbd+unix:///?socket=" + socket);
        undoing.push(() -> unmount(fuse));
        Awaitility.await("nbdfuse").atMost(PATIENCE).until(() -> Files.exists(file));
        // Direct, so that nothing but the filesystem on it caches the disk.
        String loop = Tool.run("mount", "losetup", "--find", "--show", "--direct-io=on", file.toString())
                .strip();
        undoing.push(() -> Tool.run("mount", "losetup", "--detach", loop));
        Tool.run("e2fsprogs", "mkfs.ext4", "-q", loop);
        Files.createDirectory(mount);
        Tool.run("mount", "mount", loop, mount.toString());
        undoing.push(() -> unmount(mount));
    }

    private void run(String program, String debianPackage, String... arguments) {
        List<String> command = new java.util.ArrayList<>();
        command.add(RequiredTool.find(program, debianPackage).toString());
        command.addAll(List.of(arguments));
        ChildJvm process = ChildJvm.run(program, command);
        undoing.push(process::close);
    }

    private static void unmount(Path where) {
        Awaitility.await("unmount of " + where)
                .atMost(PATIENCE)
                .until(() -> Tool.attempt("mount", "umount", where.toString()).exitStatus() == 0);
    }

    /** The root of the filesystem. */
    Path root() {
        return mount;
    }

    private Path control() {
        return folder.resolve("pause.sock");
    }

    /** When this returns, nothing is under way on the disk, and nothing will be answered until {@link #resume}. */
    void pause() throws IOException {
        tell('p');
    }

    void resume() throws IOException {
        tell('r');
    }

    private void tell(char command) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(control()));
            channel.write(ByteBuffer.wrap(new byte[] {(byte) command}));
            ByteBuffer answer = ByteBuffer.allocate(1);
            channel.read(answer);
            assertThat(new String(answer.array(), US_ASCII)).isEqualToIgnoringCase(String.valueOf(command));
        }
    }

    /** What a page cache holds of the files is read from the disk again; nobody may have them mapped. */
    void dropCaches() throws IOException, InterruptedException {
        Tool.run("coreutils", "sync", "-f", mount.toString());
        Files.writeString(Path.of("/proc/sys/vm/drop_caches"), "1");
    }

    @Override
    public void close() throws IOException {
        try {
            while (!undoing.isEmpty()) {
                undoing.pop().undo();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted before " + mount + " was undone", e);
        }
    }
}
