package io.pageferry.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/**
 * Creates userfaultfds: a full one where this process may (faults inside system calls are served too), else one for
 * user-mode faults only, else an error that says which permission is missing.
 */
public final class UserfaultfdFactory {
    /** A new userfaultfd with its features agreed on. */
    public record Created(Userfaultfd userfaultfd, boolean userModeOnly) {}

    private static final int O_CLOEXEC = 0x80000; // asm-generic/fcntl.h
    private static final int UFFD_USER_MODE_ONLY = 1; // linux/userfaultfd.h
    private static final long USERFAULTFD_IOC_NEW = 0xAA00;
    private static final long UFFDIO_API = 0xC018AA3FL;
    private static final long UFFD_API = 0xAA;
    private static final long UFFD_FEATURE_MISSING_SHMEM = 1 << 5;
    private static final long UFFD_FEATURE_THREAD_ID = 1 << 8;
    private static final long UFFD_FEATURE_WP_HUGETLBFS_SHMEM = 1 << 12;
    private static final long UFFD_FEATURE_WP_UNPOPULATED = 1 << 13;
    private static final long UFFD_FEATURE_WP_ASYNC = 1 << 15;

    /** The features asked for; a program in another language asks for the same. */
    public static final long FEATURES = UFFD_FEATURE_MISSING_SHMEM
            | UFFD_FEATURE_THREAD_ID
            | UFFD_FEATURE_WP_HUGETLBFS_SHMEM
            | UFFD_FEATURE_WP_UNPOPULATED
            | UFFD_FEATURE_WP_ASYNC;

    private UserfaultfdFactory() {}

    /** Creates one; throws where neither kind is permitted, or the kernel is too old. */
    public static Created create() {
        long full = Kernel.call(SystemCall.USERFAULTFD, O_CLOEXEC, 0, 0);
        if (full == -Errno.ENOSYS)
            throw tooOld(KernelVersion.release(), "has no userfaultfd (CONFIG_USERFAULTFD, or a seccomp filter)");
        if (full < 0) full = fromDevice(Path.of("/dev/userfaultfd"));
        if (full >= 0) return new Created(agree(Descriptor.owning(full)), false);
        long userMode = Kernel.call(SystemCall.USERFAULTFD, O_CLOEXEC | UFFD_USER_MODE_ONLY, 0, 0);
        if (userMode < 0) throw notPermitted((int) -userMode);
        return new Created(agree(Descriptor.owning(userMode)), true);
    }

    private static long fromDevice(Path device) {
        try (Descriptor opened = FileCalls.open(device, FileCalls.OpenMode.READ_WRITE)) {
            return Kernel.call(SystemCall.IOCTL, opened.number(), USERFAULTFD_IOC_NEW, O_CLOEXEC);
        } catch (LinuxException closed) {
            return -closed.errno();
        }
    }

    static LinuxException notPermitted(int errno) {
        return new LinuxException(
                "this process may not create a userfaultfd (" + Errno.text(errno) + "). Grant one of: "
                        + "sysctl vm.unprivileged_userfaultfd=1; read and write permission on /dev/userfaultfd; "
                        + "the capability CAP_SYS_PTRACE; or, in a container, a seccomp profile that allows userfaultfd(2)",
                errno);
    }

    static LinuxException tooOld(String release, String what) {
        return new LinuxException(
                "this kernel (" + release + ") " + what + "; Pageferry needs Linux 6.7 or newer", Errno.ENOSYS);
    }

    private static Userfaultfd agree(Descriptor created) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment api = arena.allocateFrom(ValueLayout.JAVA_LONG, UFFD_API, FEATURES, 0);
            long result = Kernel.call(SystemCall.IOCTL, created.number(), UFFDIO_API, api.address());
            if (result == 0) return Userfaultfd.owning(created);
            created.close();
            if (result == -Errno.EINVAL)
                throw tooOld(KernelVersion.release(), "has no asynchronous write protection (UFFD_FEATURE_WP_ASYNC)");
            throw LinuxException.of(SystemCall.IOCTL, result, UFFDIO_API);
        }
    }
}
