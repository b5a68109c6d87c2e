package io.pageferry.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** A listening socket of {@code AF_UNIX} at a path, which only its owner (and root) may connect to: mode 0600. */
public final class UnixListener implements AutoCloseable {
    private static final int AF_UNIX = 1; // linux/socket.h
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int SHUT_RDWR = 2;
    private static final int MAX_PATH = 107; // sun_path of linux/un.h, less the final zero
    private static final int BACKLOG = 128;
    private static final int S_IFMT = 0xF000; // linux/stat.h
    private static final int S_IFSOCK = 0xC000;

    private final Path path;
    private final Descriptor descriptor;
    private final Object identity;

    private UnixListener(Path path, Descriptor descriptor, Object identity) {
        this.path = path;
        this.descriptor = descriptor;
        this.identity = identity;
    }

    /** Listens at a path; a socket file left by a dead process is replaced, one that somebody serves is an error. */
    public static UnixListener bind(Path path) {
        removeStale(path);
        Descriptor descriptor = newSocket();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = address(path, arena);
            long result = Kernel.call(SystemCall.BIND, descriptor.number(), address.address(), address.byteSize());
            if (result < 0) {
                int errno = (int) -result;
                throw new LinuxException("cannot listen at " + path + ": " + Errno.text(errno), errno);
            }
            // Nobody can connect before listen(2), so the mode is in force from the first connection on.
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            Kernel.require(SystemCall.LISTEN, descriptor.number(), BACKLOG, 0);
            return new UnixListener(path, descriptor, identity(path));
        } catch (IOException failure) {
            descriptor.close();
            throw new UncheckedIOException("cannot set the mode of socket " + path, failure);
        } catch (RuntimeException failure) {
            descriptor.close();
            throw failure;
        }
    }

    /** Waits for a connection; empty once {@link #close} was called. */
    public Optional<UnixSocket> accept() {
        while (descriptor.isOpen()) {
            long result = Kernel.call(SystemCall.ACCEPT4, descriptor.number(), 0, 0, SOCK_CLOEXEC, 0, 0);
            if (result >= 0) return Optional.of(new UnixSocket(Descriptor.owning(result)));
            if (result == -Errno.EINVAL) return Optional.empty();
            if (result != -Errno.EINTR && result != -Errno.ECONNRESET) {
                throw LinuxException.of(SystemCall.ACCEPT4, result, descriptor.number());
            }
        }
        return Optional.empty();
    }

    /** Stops listening and removes the socket file; a waiting {@link #accept} returns. The owner closes after that thread ended. */
    public void stop() {
        if (!descriptor.isOpen()) return;
        Kernel.call(SystemCall.SHUTDOWN, descriptor.number(), SHUT_RDWR, 0);
        try {
            // Whoever removed our socket file and listens there now keeps its own.
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && identity.equals(identity(path))) Files.delete(path);
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot remove " + path, failure);
        }
    }

    @Override
    public void close() {
        stop();
        descriptor.close();
    }

    private static void removeStale(Path path) {
        if (!Files.exists(path)) return;
        requireSocketFile(path);
        try {
            UnixSocket.connect(path).close();
            throw new LinuxException("cannot listen at " + path + ": another process listens there", 0);
        } catch (LinuxException refused) {
            if (refused.errno() != Errno.ECONNREFUSED) throw refused;
        }
        try {
            Files.delete(path);
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot remove the stale socket " + path, failure);
        }
    }

    // A connection to a plain file is refused like one to a dead socket, and a plain file is somebody's data.
    private static void requireSocketFile(Path path) {
        try {
            int mode = (int) Files.getAttribute(path, "unix:mode");
            if ((mode & S_IFMT) == S_IFSOCK) return;
        } catch (IOException failure) {
            throw new UncheckedIOException("cannot look at " + path, failure);
        }
        throw new LinuxException("cannot listen at " + path + ": a file that is no socket is there", Errno.EADDRINUSE);
    }

    private static Object identity(Path path) throws IOException {
        return Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS);
    }

    static Descriptor newSocket() {
        return Descriptor.owning(Kernel.require(SystemCall.SOCKET, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    }

    static MemorySegment address(Path path, Arena arena) {
        byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
        if (name.length == 0 || name.length > MAX_PATH) {
            throw new LinuxException("socket path " + path + " must have 1 to " + MAX_PATH + " bytes", Errno.EINVAL);
        }
        MemorySegment address = arena.allocate(2 + name.length + 1, 2);
        address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
        MemorySegment.copy(name, 0, address, ValueLayout.JAVA_BYTE, 2, name.length);
        return address;
    }
}
