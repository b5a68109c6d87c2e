package io.pageferry.linux;

/**
 * The system calls in use, with their numbers: {@code asm/unistd_64.h} for x86-64, {@code asm-generic/unistd.h} for AArch64.
 */
enum SystemCall {
    READ(0, 63),
    WRITE(1, 64),
    CLOSE(3, 57),
    LSEEK(8, 62),
    MMAP(9, 222),
    MUNMAP(11, 215),
    IOCTL(16, 29),
    PREAD64(17, 67),
    PWRITE64(18, 68),
    MSYNC(26, 227),
    MINCORE(27, 232),
    MADVISE(28, 233),
    SOCKET(41, 198),
    CONNECT(42, 203),
    SENDMSG(46, 211),
    RECVMSG(47, 212),
    SHUTDOWN(48, 210),
    BIND(49, 200),
    LISTEN(50, 201),
    GETSOCKOPT(55, 209),
    FCNTL(72, 25),
    FSYNC(74, 82),
    FDATASYNC(75, 83),
    FTRUNCATE(77, 46),
    GETEUID(107, 175),
    FSTATFS(138, 44),
    GETPRIORITY(140, 141),
    SETPRIORITY(141, 140),
    SCHED_SETSCHEDULER(144, 119),
    GETTID(186, 178),
    OPENAT(257, 56),
    PPOLL(271, 73),
    FALLOCATE(285, 47),
    ACCEPT4(288, 242),
    EVENTFD2(290, 19),
    MEMFD_CREATE(319, 279),
    USERFAULTFD(323, 282),
    COPY_FILE_RANGE(326, 285),
    CACHESTAT(451, 451);

    private final int number;

    SystemCall(int x86Number, int aarch64Number) {
        this.number = System.getProperty("os.arch", "").equals("aarch64") ? aarch64Number : x86Number;
    }

    int number() {
        return number;
    }
}
