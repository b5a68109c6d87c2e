package io.pageferry.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/**
 * A process's page tables, read by the {@code PAGEMAP_SCAN} ioctl ({@code linux/fs.h}, Linux 6.7). An open one works from
 * any process that holds its descriptor.
 */
public final class Pagemap implements AutoCloseable {
    /** The page was written since tracking was last armed on it. */
    public static final long IS_WRITTEN = 1 << 1;
    /** The page has an entry, that is, was touched since entries were dropped. */
    public static final long IS_PRESENT = 1 << 3;
    /** The entry is in swap, or is the marker of an armed page without a frame. */
    public static final long IS_SWAPPED = 1 << 4;

    /** Arms tracking on each page reported, in the same atomic step ({@code PM_SCAN_WP_MATCHING}). */
    public static final long REARM = 1;
    /** Fails where tracking is not asynchronous ({@code PM_SCAN_CHECK_WPASYNC}). */
    public static final long CHECK_ASYNC = 1 << 1;

    private static final long PAGEMAP_SCAN = 0xC0606610L; // _IOWR('f', 16, struct pm_scan_arg)
    private static final long ARGUMENT = 96;
    private static final long WALK_END = 32;

    /**
     * Which pages a scan reports: those where every category of {@code all} holds and, unless {@code any} is 0, one of
     * {@code any}; a category in {@code inverted} counts where it does not hold.
     */
    public record Query(long flags, long inverted, long all, long any, long reported) {}

    private final Descriptor descriptor;
    private final MemorySegment argument = Arena.ofAuto().allocate(ARGUMENT, 8);

    private Pagemap(Descriptor descriptor) {
        this.descriptor = descriptor;
    }

    /** Takes over an open {@code /proc/PID/pagemap}. */
    public static Pagemap owning(Descriptor descriptor) {
        return new Pagemap(descriptor);
    }

    /** Opens the calling process's own, to use or to pass on. */
    public static Descriptor openOwn() {
        return FileCalls.open(Path.of("/proc/self/pagemap"), FileCalls.OpenMode.READ);
    }

    /**
     * Scans from one address up to another; stops early where the regions are full.
     *
     * @return the address up to which the scan has come: go on from there until it is {@code end}
     */
    public synchronized long scan(long start, long end, Query query, PageRegions into) {
        long[] fields = {
            ARGUMENT,
            query.flags,
            start,
            end,
            0,
            into.address(),
            into.capacity(),
            0,
            query.inverted,
            query.all,
            query.any,
            query.reported
        };
        MemorySegment.copy(fields, 0, argument, ValueLayout.JAVA_LONG, 0, fields.length);
        long result;
        do {
            result = Kernel.call(SystemCall.IOCTL, descriptor.number(), PAGEMAP_SCAN, argument.address());
        } while (result == -Errno.EINTR);
        if (result == -Errno.ENOTTY) throw isOffered() ? notAPagemap() : tooOld(KernelVersion.release());
        if (result < 0)
            throw LinuxException.of(SystemCall.IOCTL, result, descriptor.number(), PAGEMAP_SCAN, start, end);
        into.filled(result);
        return argument.get(ValueLayout.JAVA_LONG, WALK_END);
    }

    @Override
    public void close() {
        descriptor.close();
    }

    // A query of no pages: it asks the calling process's own pagemap whether it knows the request.
    private static boolean isOffered() {
        try (Descriptor own = openOwn();
                Arena arena = Arena.ofConfined()) {
            MemorySegment empty = arena.allocate(ARGUMENT, 8);
            empty.set(ValueLayout.JAVA_LONG, 0, ARGUMENT);
            return Kernel.call(SystemCall.IOCTL, own.number(), PAGEMAP_SCAN, empty.address()) != -Errno.ENOTTY;
        }
    }

    private LinuxException notAPagemap() {
        return new LinuxException(descriptor + " is not of a process's pagemap", Errno.ENOTTY);
    }

    static LinuxException tooOld(String release) {
        return new LinuxException(
                "this kernel (" + release + ") has no PAGEMAP_SCAN; Pageferry needs Linux 6.7 or newer", Errno.ENOTTY);
    }
}
