package io.pageferry.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Waits until a non-blocking descriptor can be read, or until another thread ends the wait ({@code ppoll}, {@code eventfd}). */
public final class Readiness implements AutoCloseable {
    private static final int EFD_CLOEXEC = 0x80000; // linux/eventfd.h
    private static final short POLLIN = 1; // asm-generic/poll.h
    private static final long POLLFD = 8;

    private final Descriptor watched;
    private final Descriptor wakeUp = Descriptor.owning(Kernel.require(SystemCall.EVENTFD2, 0, EFD_CLOEXEC, 0));
    private final MemorySegment polled = Arena.ofAuto().allocate(2 * POLLFD, 8);

    public Readiness(Descriptor watched) {
        this.watched = watched;
    }

    /** Waits; true if the descriptor may be readable, false once {@link #end} was called. For one thread. */
    public boolean await() {
        set(0, watched.number());
        set(1, wakeUp.number());
        long result = Kernel.call(SystemCall.PPOLL, polled.address(), 2, 0, 0, 8, 0);
        if (result < 0 && result != -Errno.EINTR) throw LinuxException.of(SystemCall.PPOLL, result, watched.number());
        return result <= 0 || polled.get(ValueLayout.JAVA_SHORT, POLLFD + 6) == 0;
    }

    /** Ends the wait of the other thread, now and for good. */
    public void end() {
        try (Arena arena = Arena.ofConfined()) {
            long one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1).address();
            Kernel.require(SystemCall.WRITE, wakeUp.number(), one, 8);
        }
    }

    @Override
    public void close() {
        wakeUp.close();
    }

    private void set(long index, int descriptor) {
        polled.set(ValueLayout.JAVA_INT, index * POLLFD, descriptor);
        polled.set(ValueLayout.JAVA_SHORT, index * POLLFD + 4, POLLIN);
        polled.set(ValueLayout.JAVA_SHORT, index * POLLFD + 6, (short) 0);
    }
}
