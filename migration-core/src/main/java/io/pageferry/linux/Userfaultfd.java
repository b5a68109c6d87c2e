package io.pageferry.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A userfaultfd: missing-page faults and write tracking on ranges of one process's memory ({@code linux/userfaultfd.h}).
 * Addresses are those of the process that created it; lengths are bytes, multiples of the page size.
 */
public final class Userfaultfd implements AutoCloseable {
    /** What a registered range reports ({@code UFFDIO_REGISTER_MODE_*}). */
    public enum Mode {
        MISSING(1),
        WRITE_PROTECT(2),
        MISSING_AND_WRITE_PROTECT(3);

        private final long bits;

        Mode(long bits) {
            this.bits = bits;
        }
    }

    /** How a request to fill a page ended; each is part of normal life. */
    public enum Outcome {
        /** The page is there now, and threads that waited for it run. */
        COPIED,
        /** Somebody else had filled it; threads that wait for it need {@link #wake}. */
        ALREADY_PRESENT,
        /** The process is changing its mappings: ask again. */
        RETRY,
        /** The process or the registered range is no more. */
        GONE
    }

    /** An outcome, and how many bytes were filled before it. */
    public record Filled(Outcome outcome, long sizeBytes) {}

    // The ioctl numbers of linux/userfaultfd.h, by _IOWR(0xAA, nr, size) of asm-generic/ioctl.h.
    private static final long UFFDIO_REGISTER = 0xC020AA00L;
    private static final long UFFDIO_UNREGISTER = 0x8010AA01L;
    private static final long UFFDIO_WAKE = 0x8010AA02L;
    private static final long UFFDIO_COPY = 0xC028AA03L;
    private static final long UFFDIO_ZEROPAGE = 0xC020AA04L;
    private static final long UFFDIO_WRITEPROTECT = 0xC018AA06L;
    private static final long UFFDIO_POISON = 0xC020AA08L;
    private static final long UFFDIO_COPY_MODE_WP = 1L << 1;
    private static final long UFFDIO_WRITEPROTECT_MODE_WP = 1;
    private static final long UFFDIO_WRITEPROTECT_MODE_DONTWAKE = 1L << 1;
    private static final long COPY_RESULT = 32; // struct uffdio_copy: dst, src, len, mode, copy
    private static final long ZEROPAGE_RESULT = 24; // struct uffdio_zeropage: start, len, mode, zeropage

    private static final ThreadLocal<MemorySegment> REQUEST =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(40, 8));

    private final Descriptor descriptor;

    private Userfaultfd(Descriptor descriptor) {
        this.descriptor = descriptor;
    }

    /** Takes over a userfaultfd that another process, or {@link UserfaultfdFactory}, has created. */
    public static Userfaultfd owning(Descriptor descriptor) {
        return new Userfaultfd(descriptor);
    }

    public Descriptor descriptor() {
        return descriptor;
    }

    /** Registers a range; what it was registered for before is replaced, except that nothing is ever taken away. */
    public void register(long address, long length, Mode mode) {
        requireIoctl(UFFDIO_REGISTER, address, length, mode.bits, 0);
    }

    /** Ends the reports of a range and wakes its threads: those on pages still missing would read zeroes. */
    public void unregister(long address, long length) {
        requireIoctl(UFFDIO_UNREGISTER, address, length, 0, 0);
    }

    /** Lets the threads that wait on a range try again; a page still missing is reported again. */
    public void wake(long address, long length) {
        requireIoctl(UFFDIO_WAKE, address, length, 0, 0);
    }

    /** Arms write tracking on a range: the next write of each page is remembered ({@link Pagemap} reads it). */
    public void writeProtect(long address, long length) {
        requireIoctl(UFFDIO_WRITEPROTECT, address, length, UFFDIO_WRITEPROTECT_MODE_WP, 0);
    }

    /** Drops the write protection of a range, so that writes cost nothing and are not remembered. */
    public void removeWriteProtection(long address, long length) {
        requireIoctl(UFFDIO_WRITEPROTECT, address, length, 0, 0);
    }

    /** Fills missing pages atomically with a copy of {@code source} (an address of the calling process). */
    public Filled copy(long address, long source, long length) {
        return copy(address, source, length, false);
    }

    /**
     * Fills missing pages atomically with a copy of {@code source}.
     *
     * @param tracked whether the pages are armed for write tracking at once; else a scan shows them as written
     */
    public Filled copy(long address, long source, long length, boolean tracked) {
        MemorySegment request = request(address, source, length, tracked ? UFFDIO_COPY_MODE_WP : 0);
        long result = ioctl(UFFDIO_COPY, request);
        return filled(result, request.get(ValueLayout.JAVA_LONG, COPY_RESULT), length, "UFFDIO_COPY", address);
    }

    /** Fills missing pages with zeroes. */
    public Filled zero(long address, long length) {
        MemorySegment request = request(address, length, 0, 0);
        long result = ioctl(UFFDIO_ZEROPAGE, request);
        return filled(result, request.get(ValueLayout.JAVA_LONG, ZEROPAGE_RESULT), length, "UFFDIO_ZEROPAGE", address);
    }

    /**
     * Makes missing pages that cannot be had an error: who touches one, or waits for it, gets SIGBUS, which a JVM turns into an
     * InternalError. Where tracking is armed on a missing page, its marker is in the place of the entry, and poison does not
     * overwrite it (mm/userfaultfd.c, mfill_atomic_pte_poison): so the protection is lifted first.
     */
    public Filled poison(long address, long length) {
        long lifted = ioctl(UFFDIO_WRITEPROTECT, request(address, length, UFFDIO_WRITEPROTECT_MODE_DONTWAKE, 0));
        if (lifted < 0 && lifted != -Errno.ENOENT) throw failure("UFFDIO_WRITEPROTECT", (int) -lifted, address, length);
        MemorySegment request = request(address, length, 0, 0);
        long result = ioctl(UFFDIO_POISON, request);
        return filled(result, request.get(ValueLayout.JAVA_LONG, ZEROPAGE_RESULT), length, "UFFDIO_POISON", address);
    }

    /**
     * Reads fault reports; on a blocking descriptor waits for the first.
     *
     * @return how many were read; 0 if the descriptor does not block and there is none
     */
    public int readEvents(FaultEvents into) {
        MemorySegment buffer = into.buffer();
        long result = Kernel.call(SystemCall.READ, descriptor.number(), buffer.address(), buffer.byteSize());
        if (result == -Errno.EAGAIN || result == -Errno.EINTR) result = 0;
        if (result < 0) throw LinuxException.of(SystemCall.READ, result, descriptor.number());
        return into.filled(result);
    }

    @Override
    public void close() {
        descriptor.close();
    }

    private static Filled filled(long result, long done, long length, String call, long address) {
        if (result == 0) return new Filled(Outcome.COPIED, length);
        // With EAGAIN the field holds the bytes done so far; else it repeats the error.
        long sizeBytes = Math.max(0, done);
        return switch ((int) -result) {
            case Errno.EEXIST -> new Filled(Outcome.ALREADY_PRESENT, sizeBytes);
            case Errno.EAGAIN -> new Filled(Outcome.RETRY, sizeBytes);
            case Errno.ESRCH, Errno.ENOENT -> new Filled(Outcome.GONE, sizeBytes);
            default -> throw failure(call, (int) -result, address, length);
        };
    }

    private void requireIoctl(long request, long a, long b, long c, long d) {
        long result;
        do {
            result = ioctl(request, request(a, b, c, d));
        } while (result == -Errno.EAGAIN || result == -Errno.EINTR);
        if (result < 0) throw failure("userfaultfd ioctl 0x" + Long.toHexString(request), (int) -result, a, b);
    }

    private long ioctl(long request, MemorySegment argument) {
        return Kernel.call(SystemCall.IOCTL, descriptor.number(), request, argument.address());
    }

    private static MemorySegment request(long a, long b, long c, long d) {
        MemorySegment request = REQUEST.get();
        request.set(ValueLayout.JAVA_LONG, 0, a);
        request.set(ValueLayout.JAVA_LONG, 8, b);
        request.set(ValueLayout.JAVA_LONG, 16, c);
        request.set(ValueLayout.JAVA_LONG, 24, d);
        request.set(ValueLayout.JAVA_LONG, 32, 0);
        return request;
    }

    private static LinuxException failure(String call, int errno, long address, long length) {
        String range = "(0x" + Long.toHexString(address) + ", " + length + " bytes)";
        return new LinuxException(call + range + ": " + Errno.text(errno), errno);
    }
}
