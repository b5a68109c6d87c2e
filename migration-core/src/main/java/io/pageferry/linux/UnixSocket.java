package io.pageferry.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A stream socket of {@code AF_UNIX}, blocking, that carries bytes and descriptors ({@code unix(7)}). */
public final class UnixSocket implements AutoCloseable {
    /** The most descriptors in one message here; the kernel's own limit is 253. */
    public static final int MAX_DESCRIPTORS = 8;

    private static final int SOL_SOCKET = 1; // asm-generic/socket.h
    private static final int SO_PEERCRED = 17;
    private static final int SCM_RIGHTS = 1; // linux/socket.h
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;
    private static final int SHUT_RDWR = 2;
    private static final long MSGHDR = 56;
    private static final long CMSG_HEADER = 16;
    private static final long CONTROL = CMSG_HEADER + 4 * MAX_DESCRIPTORS;

    private final Descriptor descriptor;

    UnixSocket(Descriptor descriptor) {
        this.descriptor = descriptor;
    }

    /** Connects to a socket file. */
    public static UnixSocket connect(Path path) {
        Descriptor descriptor = UnixListener.newSocket();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = UnixListener.address(path, arena);
            long result = Kernel.call(SystemCall.CONNECT, descriptor.number(), address.address(), address.byteSize());
            if (result < 0) {
                descriptor.close();
                int errno = (int) -result;
                throw new LinuxException("cannot connect to " + path + ": " + Errno.text(errno), errno);
            }
        }
        return new UnixSocket(descriptor);
    }

    /** Sends all the bytes; the descriptors travel with the first of them. The caller keeps its own. */
    public void send(byte[] bytes, List<Descriptor> descriptors) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            MemorySegment control = descriptors.isEmpty() ? MemorySegment.NULL : rights(arena, descriptors);
            for (long at = 0; at < bytes.length; ) {
                MemorySegment message = message(arena, data.asSlice(at), at == 0 ? control : MemorySegment.NULL);
                at += Kernel.require(SystemCall.SENDMSG, descriptor.number(), message.address(), MSG_NOSIGNAL);
            }
        }
    }

    /**
     * Receives some bytes, and the descriptors that came with them.
     *
     * @return the bytes received; -1 once the peer has closed, died, or this end was shut down
     */
    public int receive(byte[] into, List<Descriptor> descriptors) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(into.length);
            MemorySegment control = arena.allocate(CONTROL, 8);
            MemorySegment message = message(arena, data, control);
            long result;
            do {
                result = Kernel.call(SystemCall.RECVMSG, descriptor.number(), message.address(), MSG_CMSG_CLOEXEC);
            } while (result == -Errno.EINTR);
            if (result == -Errno.ECONNRESET || result == 0) return -1;
            if (result < 0) throw LinuxException.of(SystemCall.RECVMSG, result, descriptor.number());
            takeRights(control, message.get(ValueLayout.JAVA_LONG, 40), descriptors);
            MemorySegment.copy(data, ValueLayout.JAVA_BYTE, 0, into, 0, (int) result);
            return (int) result;
        }
    }

    public PeerCredentials peer() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ucred = arena.allocate(12, 4);
            long length = arena.allocateFrom(ValueLayout.JAVA_INT, 12).address();
            Kernel.require(
                    SystemCall.GETSOCKOPT, descriptor.number(), SOL_SOCKET, SO_PEERCRED, ucred.address(), length, 0);
            return new PeerCredentials(
                    ucred.get(ValueLayout.JAVA_INT, 0),
                    ucred.get(ValueLayout.JAVA_INT, 4),
                    ucred.get(ValueLayout.JAVA_INT, 8));
        }
    }

    /** Ends both directions: a thread that waits in {@link #receive} returns, here and at the peer. */
    public synchronized void shutdown() {
        if (descriptor.isOpen()) Kernel.call(SystemCall.SHUTDOWN, descriptor.number(), SHUT_RDWR, 0);
    }

    // Not beside a shutdown of another thread, which could hit another file that has got the number since.
    @Override
    public synchronized void close() {
        shutdown();
        descriptor.close();
    }

    // struct msghdr: name, namelen, iov, iovlen, control, controllen, flags; the iovec follows it here.
    private static MemorySegment message(Arena arena, MemorySegment data, MemorySegment control) {
        MemorySegment message = arena.allocate(MSGHDR + 16, 8);
        message.set(ValueLayout.JAVA_LONG, 16, message.address() + MSGHDR);
        message.set(ValueLayout.JAVA_LONG, 24, 1);
        message.set(ValueLayout.JAVA_LONG, 32, control.address());
        message.set(ValueLayout.JAVA_LONG, 40, control.byteSize());
        message.set(ValueLayout.JAVA_LONG, MSGHDR, data.address());
        message.set(ValueLayout.JAVA_LONG, MSGHDR + 8, data.byteSize());
        return message;
    }

    // struct cmsghdr: len, level, type, then the descriptors.
    private static MemorySegment rights(Arena arena, List<Descriptor> descriptors) {
        if (descriptors.size() > MAX_DESCRIPTORS) throw new IllegalArgumentException("too many descriptors");
        long length = CMSG_HEADER + 4L * descriptors.size();
        MemorySegment control = arena.allocate((length + 7) & ~7L, 8);
        control.set(ValueLayout.JAVA_LONG, 0, length);
        control.set(ValueLayout.JAVA_INT, 8, SOL_SOCKET);
        control.set(ValueLayout.JAVA_INT, 12, SCM_RIGHTS);
        for (int i = 0; i < descriptors.size(); i++) {
            control.set(
                    ValueLayout.JAVA_INT,
                    CMSG_HEADER + 4L * i,
                    descriptors.get(i).number());
        }
        return control;
    }

    private static void takeRights(MemorySegment control, long controlLength, List<Descriptor> into) {
        if (controlLength < CMSG_HEADER) return;
        boolean rights = control.get(ValueLayout.JAVA_INT, 8) == SOL_SOCKET
                && control.get(ValueLayout.JAVA_INT, 12) == SCM_RIGHTS;
        if (!rights) return;
        long end = Math.min(control.get(ValueLayout.JAVA_LONG, 0), controlLength);
        List<Descriptor> received = new ArrayList<>();
        for (long at = CMSG_HEADER; at + 4 <= end; at += 4) {
            received.add(Descriptor.owning(control.get(ValueLayout.JAVA_INT, at)));
        }
        into.addAll(received);
    }
}
