package io.pageferry.systemtests.interop;

import io.pageferry.testing.ChildJvm;
import io.pageferry.testing.KernelRequirement;
import io.pageferry.testing.RequiredTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * An export that the kernel swaps on: nbdfuse shows it as a file, a loop device makes that a disk. Undone in reverse, however
 * far it came.
 */
final class SwapDevice implements AutoCloseable {
    private final Path mount;
    private final ChildJvm nbdfuse;
    private @Nullable String loop;
    private boolean swapping;

    private SwapDevice(Path mount, String uri) {
        this.mount = mount;
        this.nbdfuse = ChildJvm.run(
                "nbdfuse",
                List.of(
                        RequiredTool.find("nbdfuse", "libnbd-bin").toString(),
                        mount.resolve("nbd").toString(),
                        uri));
    }

    static SwapDevice start(Path mount, String uri) throws IOException, InterruptedException {
        require("/dev/fuse");
        require("/dev/loop-control");
        SwapDevice device = new SwapDevice(mount, uri);
        try {
            device.swapOn();
            return device;
        } catch (IOException | InterruptedException | RuntimeException | AssertionError e) {
            device.close();
            throw e;
        }
    }

    private static void require(String device) {
        if (!Files.isWritable(Path.of(device))) {
            KernelRequirement.missing(
                    device + " is not there for this user: swapping on an export needs root, FUSE and loop devices");
        }
    }

    private void swapOn() throws IOException, InterruptedException {
        Path file = mount.resolve("nbd");
        Awaitility.await("nbdfuse").atMost(Duration.ofSeconds(20)).until(() -> Files.exists(file));
        // Direct, so that what is swapped in again comes from the server, and not from the page cache of the file.
        loop = Tool.run("mount", "losetup", "--find", "--show", "--direct-io=on", file.toString())
                .strip();
        Tool.run("util-linux", "mkswap", loop);
        Tool.Outcome on = Tool.attempt("mount", "swapon", "--priority", "100", loop);
        if (on.exitStatus() != 0) {
            KernelRequirement.missing("this machine may not swap: " + on.output());
        }
        swapping = true;
    }

    /** What {@code /proc/swaps} tells of it. */
    String usage() throws IOException {
        return Files.readAllLines(Path.of("/proc/swaps")).stream()
                .filter(line -> line.startsWith(loop + " "))
                .findFirst()
                .orElse("nothing");
    }

    @Override
    public void close() throws IOException {
        try {
            undo();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted before " + mount + " was undone", e);
        }
    }

    private void undo() throws IOException, InterruptedException {
        if (swapping) {
            Tool.run("mount", "swapoff", loop());
        }
        if (loop != null) {
            Tool.run("mount", "losetup", "--detach", loop());
        }
        Awaitility.await("unmount of " + mount)
                .atMost(Duration.ofSeconds(20))
                .until(() -> !isMounted()
                        || Tool.attempt("mount", "umount", mount.toString()).exitStatus() == 0);
        nbdfuse.close();
    }

    private boolean isMounted() throws IOException {
        return Files.readString(Path.of("/proc/self/mounts")).contains(" " + mount + " ");
    }

    private String loop() {
        return String.valueOf(loop);
    }
}
