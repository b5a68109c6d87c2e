package io.pageferry.linux;

import java.util.Map;

/** The error numbers that this package tells apart ({@code asm-generic/errno-base.h}, {@code errno.h}). */
public final class Errno {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int ESRCH = 3;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int ENXIO = 6;
    public static final int EBADF = 9;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EFAULT = 14;
    public static final int EEXIST = 17;
    public static final int EINVAL = 22;
    public static final int ENOTTY = 25;
    public static final int ENOSPC = 28;
    public static final int EPIPE = 32;
    public static final int ENOSYS = 38;
    public static final int EMFILE = 24;
    public static final int ENFILE = 23;
    public static final int EOPNOTSUPP = 95;
    public static final int EADDRINUSE = 98;
    public static final int ECONNRESET = 104;
    public static final int ECONNREFUSED = 111;

    private static final Map<Integer, String> TEXTS = Map.ofEntries(
            Map.entry(EPERM, "EPERM, operation not permitted"),
            Map.entry(ENOENT, "ENOENT, no such file or range"),
            Map.entry(ESRCH, "ESRCH, no such process"),
            Map.entry(EINTR, "EINTR, interrupted"),
            Map.entry(EIO, "EIO, input/output error"),
            Map.entry(ENXIO, "ENXIO, no such address"),
            Map.entry(EBADF, "EBADF, not an open descriptor"),
            Map.entry(EAGAIN, "EAGAIN, try again"),
            Map.entry(ENOMEM, "ENOMEM, out of memory"),
            Map.entry(EACCES, "EACCES, permission denied"),
            Map.entry(EFAULT, "EFAULT, bad address"),
            Map.entry(EEXIST, "EEXIST, already there"),
            Map.entry(EINVAL, "EINVAL, invalid argument"),
            Map.entry(ENOTTY, "ENOTTY, not a request of this descriptor"),
            Map.entry(ENOSPC, "ENOSPC, no space left on the device"),
            Map.entry(EPIPE, "EPIPE, the peer has gone"),
            Map.entry(ENOSYS, "ENOSYS, not a system call of this kernel"),
            Map.entry(EMFILE, "EMFILE, this process has too many descriptors"),
            Map.entry(ENFILE, "ENFILE, this machine has too many open files"),
            Map.entry(EADDRINUSE, "EADDRINUSE, something is there already"),
            Map.entry(EOPNOTSUPP, "EOPNOTSUPP, not supported here"),
            Map.entry(ECONNRESET, "ECONNRESET, connection reset by the peer"),
            Map.entry(ECONNREFUSED, "ECONNREFUSED, nobody listens there"));

    private Errno() {}

    /** Says what an error number means. */
    public static String text(int errno) {
        return TEXTS.getOrDefault(errno, "errno " + errno);
    }
}
