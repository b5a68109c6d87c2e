package io.pageferry.nbd.client;

import io.pageferry.testing.RequiredTool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** Somebody else's NBD server, as a process of its own: what the client is tested against. */
final class NbdPeer implements AutoCloseable {
    private final List<String> command;
    private final Path log;
    private final Path socket;
    private final NbdUri uri;
    private Process process;

    private NbdPeer(List<String> command, Path folder, Path socket, NbdUri uri) throws IOException {
        this.command = command;
        this.log = folder.resolve("peer.log");
        this.socket = socket;
        this.uri = uri;
        this.process = start();
    }

    /** nbdkit on a Unix socket in {@code folder}, with a plugin, filters and their arguments. */
    static NbdPeer nbdkit(Path folder, String... arguments) throws IOException {
        Path socket = folder.resolve("nbdkit.sock");
        List<String> command = new ArrayList<>(
                List.of(RequiredTool.find("nbdkit", "nbdkit").toString(), "-f", "-U", socket.toString()));
        command.addAll(List.of(arguments));
        return new NbdPeer(command, folder, socket, NbdUri.unix(socket, ""));
    }

    /** nbdkit on a TCP port of the loopback interface. */
    static NbdPeer nbdkitTcp(Path folder, String... arguments) throws IOException {
        int port = freePort();
        List<String> command = new ArrayList<>(List.of(
                RequiredTool.find("nbdkit", "nbdkit").toString(),
                "-f",
                "-i",
                "127.0.0.1",
                "-p",
                Integer.toString(port),
                "-P",
                folder.resolve("ready").toString()));
        command.addAll(List.of(arguments));
        return new NbdPeer(command, folder, folder.resolve("ready"), NbdUri.tcp("127.0.0.1", port, ""));
    }

    /** qemu-nbd, which serves a raw file as {@code disk} to many clients. */
    static NbdPeer qemu(Path folder, Path file) throws IOException {
        Path socket = folder.resolve("qemu.sock");
        List<String> command = List.of(
                RequiredTool.find("qemu-nbd", "qemu-utils").toString(),
                "--persistent",
                "--shared=8",
                "--format=raw",
                "--export-name=disk",
                "--socket=" + socket,
                file.toString());
        return new NbdPeer(command, folder, socket, NbdUri.unix(socket, "disk"));
    }

    /** nbd-server, the NBD project's own, which serves a file as {@code disk}, to one connection at a time. */
    static NbdPeer nbdServer(Path folder, Path file) throws IOException {
        int port = freePort();
        Path config = folder.resolve("nbd-server.conf");
        Files.writeString(config, """
                [generic]
                allowlist = true
                listenaddr = 127.0.0.1
                port = %d
                [disk]
                exportname = %s
                filesize = %d
                flush = true
                fua = true
                """.formatted(port, file, Files.size(file)));
        List<String> command = List.of(
                RequiredTool.find("nbd-server", "nbd-server").toString(),
                "-d",
                "-C",
                config.toString(),
                "-p",
                folder.resolve("nbd-server.pid").toString());
        NbdPeer peer = new NbdPeer(command, folder, config, NbdUri.tcp("127.0.0.1", port, "disk"));
        String listening = ":%04X 00000000:0000 0A".formatted(port);
        Awaitility.await("nbd-server listens")
                .until(() -> Files.readString(Path.of("/proc/net/tcp")).contains(listening));
        return peer;
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    private Process start() throws IOException {
        Process started = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        Awaitility.await("start of " + command)
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> Files.exists(socket) || !started.isAlive());
        return started;
    }

    NbdUri uri() {
        return uri;
    }

    long pid() {
        return process.pid();
    }

    /** kill -9, and the wait until the kernel has closed all that it had open. */
    void kill() throws IOException {
        process.destroyForcibly().onExit().join();
        if (uri.socket() != null) {
            Files.deleteIfExists(socket);
        }
    }

    /** Starts it again, after {@link #kill}; on a thread that outlives it, since the child ends when that does. */
    void restart() throws IOException {
        process = start();
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        process.onExit().completeOnTimeout(process, 10, TimeUnit.SECONDS).join();
        kill();
        Files.deleteIfExists(socket);
    }
}
