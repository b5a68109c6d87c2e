package io.pageferry.linux;

import java.util.concurrent.atomic.AtomicBoolean;

/** An open file descriptor that this object owns and closes once. */
public final class Descriptor implements AutoCloseable {
    private static final int F_DUPFD_CLOEXEC = 1030; // linux/fcntl.h
    private static final int F_GETFL = 3; // asm-generic/fcntl.h
    private static final int F_SETFL = 4;
    private static final int O_NONBLOCK = 0x800;

    private final int number;
    private final AtomicBoolean open = new AtomicBoolean(true);

    private Descriptor(int number) {
        this.number = number;
    }

    /** Takes over a descriptor: from now on, this object closes it. */
    public static Descriptor owning(long number) {
        return new Descriptor(Math.toIntExact(number));
    }

    /** The number, for a system call made while this object is open. */
    public int number() {
        if (!open.get()) throw new IllegalStateException("descriptor " + number + " is closed");
        return number;
    }

    /** A second descriptor of the same open file. */
    public Descriptor duplicate() {
        return owning(Kernel.require(SystemCall.FCNTL, number(), F_DUPFD_CLOEXEC, 0));
    }

    /** Makes reads of this open file (in every process that shares it) return instead of waiting. */
    public void setNonBlocking() {
        long flags = Kernel.require(SystemCall.FCNTL, number(), F_GETFL, 0);
        Kernel.require(SystemCall.FCNTL, number(), F_SETFL, flags | O_NONBLOCK);
    }

    public boolean isOpen() {
        return open.get();
    }

    @Override
    public void close() {
        // The number may be another file's as soon as it is closed, so a failure is never tried again.
        if (open.compareAndSet(true, false)) Kernel.call(SystemCall.CLOSE, number, 0, 0);
    }

    @Override
    public String toString() {
        return "descriptor " + number;
    }
}
