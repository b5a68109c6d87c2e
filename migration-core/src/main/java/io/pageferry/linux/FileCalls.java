package io.pageferry.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/** Calls on files and memfds: sizes, allocation, holes, positioned reads and writes, durability. All lengths are bytes. */
public final class FileCalls {
    private static final int AT_FDCWD = -100; // linux/fcntl.h
    private static final int O_CLOEXEC = 0x80000; // asm-generic/fcntl.h
    private static final int MFD_CLOEXEC = 1; // linux/memfd.h
    private static final int MFD_ALLOW_SEALING = 2;
    private static final int F_ADD_SEALS = 1033; // linux/fcntl.h
    private static final int F_GET_SEALS = 1034;
    private static final int SEALED_SIZE = 2 | 4; // F_SEAL_SHRINK, F_SEAL_GROW
    private static final int FALLOC_FL_KEEP_SIZE = 1; // linux/falloc.h
    private static final int FALLOC_FL_PUNCH_HOLE = 2;
    private static final int FALLOC_FL_ZERO_RANGE = 0x10;
    private static final int SEEK_DATA = 3; // linux/fs.h
    private static final int SEEK_HOLE = 4;
    private static final int STATFS_SIZE = 120; // struct statfs, asm-generic/statfs.h
    private static final int CACHESTAT_SIZE = 40; // struct cachestat, linux/mman.h
    private static final long TMPFS_MAGIC = 0x01021994; // linux/magic.h
    private static final long RAMFS_MAGIC = 0x858458f6L;

    /** How to open a file ({@code asm-generic/fcntl.h}). */
    public enum OpenMode {
        READ(0),
        READ_WRITE(2),
        CREATE(2 | 0x40);

        private final int flags;

        OpenMode(int flags) {
            this.flags = flags;
        }
    }

    private FileCalls() {}

    /** Opens a file; a new one is readable and writable by its owner only. */
    public static Descriptor open(Path path, OpenMode mode) {
        try (Arena arena = Arena.ofConfined()) {
            long name = arena.allocateFrom(path.toString()).address();
            long result = Kernel.call(SystemCall.OPENAT, AT_FDCWD, name, mode.flags | O_CLOEXEC, 0600, 0, 0);
            if (result < 0) {
                throw new LinuxException("cannot open " + path + ": " + Errno.text((int) -result), (int) -result);
            }
            return Descriptor.owning(result);
        }
    }

    /** Opens a file a second time, with rights of its own: whoever gets this one cannot do more with it. */
    public static Descriptor reopen(Descriptor file, OpenMode mode) {
        return open(Path.of("/proc/self/fd/" + file.number()), mode);
    }

    /** An anonymous file in memory, all of it a hole ({@code memfd_create(2)}). */
    public static Descriptor memfd(String name, long sizeBytes) {
        try (Arena arena = Arena.ofConfined()) {
            long text = arena.allocateFrom(name).address();
            int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
            Descriptor memory = Descriptor.owning(Kernel.require(SystemCall.MEMFD_CREATE, text, flags, 0));
            truncate(memory, sizeBytes);
            return memory;
        }
    }

    /** A memfd whose size nobody can change any more, so that whoever maps it is safe from a truncation. */
    public static Descriptor sealedMemfd(String name, long sizeBytes) {
        Descriptor memory = memfd(name, sizeBytes);
        Kernel.require(SystemCall.FCNTL, memory.number(), F_ADD_SEALS, SEALED_SIZE);
        return memory;
    }

    /** Whether the size is sealed; false for a file that cannot be sealed. */
    public static boolean hasSealedSize(Descriptor file) {
        long seals = Kernel.call(SystemCall.FCNTL, file.number(), F_GET_SEALS, 0);
        return seals >= 0 && (seals & SEALED_SIZE) == SEALED_SIZE;
    }

    public static void truncate(Descriptor file, long sizeBytes) {
        Kernel.require(SystemCall.FTRUNCATE, file.number(), sizeBytes, 0);
    }

    /** The file's size. Moves its file position, which nothing here uses. */
    public static long size(Descriptor file) {
        return Kernel.require(SystemCall.LSEEK, file.number(), 0, 2);
    }

    /** Allocates a range, so that writing it cannot fail for lack of room; throws with ENOSPC where there is none. */
    public static void allocate(Descriptor file, long offset, long length) {
        Kernel.require(SystemCall.FALLOCATE, file.number(), FALLOC_FL_KEEP_SIZE, offset, length, 0, 0);
    }

    /** Gives the range's storage back; it reads as zeroes from now on, in every mapping. */
    public static void punchHole(Descriptor file, long offset, long length) {
        int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
        Kernel.require(SystemCall.FALLOCATE, file.number(), mode, offset, length, 0, 0);
    }

    /** Makes the range read as zeroes and keeps it allocated; false where the filesystem cannot (tmpfs). */
    public static boolean zeroRange(Descriptor file, long offset, long length) {
        int mode = FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE;
        long result = Kernel.call(SystemCall.FALLOCATE, file.number(), mode, offset, length, 0, 0);
        if (result == -Errno.EOPNOTSUPP) return false;
        if (result < 0) throw LinuxException.of(SystemCall.FALLOCATE, result, file.number(), mode, offset, length);
        return true;
    }

    /** The first byte at or after the offset that is not in a hole, or -1 where only holes follow. */
    public static long nextData(Descriptor file, long offset) {
        return seek(file, offset, SEEK_DATA);
    }

    /** The first byte at or after the offset that is in a hole (the end of the file counts as one), or -1 past the end. */
    public static long nextHole(Descriptor file, long offset) {
        return seek(file, offset, SEEK_HOLE);
    }

    private static long seek(Descriptor file, long offset, int whence) {
        long result = Kernel.call(SystemCall.LSEEK, file.number(), offset, whence);
        if (result == -Errno.ENXIO) return -1;
        if (result < 0) throw LinuxException.of(SystemCall.LSEEK, result, file.number(), offset, whence);
        return result;
    }

    /** Reads up to the segment's length at an offset; returns the bytes read, 0 at the end. */
    public static long readAt(Descriptor file, MemorySegment into, long offset) {
        return Kernel.require(SystemCall.PREAD64, file.number(), into.address(), into.byteSize(), offset, 0, 0);
    }

    /** Writes up to the segment's length at an offset; returns the bytes written, which may be fewer. */
    public static long writeAt(Descriptor file, MemorySegment from, long offset) {
        return Kernel.require(SystemCall.PWRITE64, file.number(), from.address(), from.byteSize(), offset, 0, 0);
    }

    /** Copies between two files inside the kernel; returns the bytes copied, which may be fewer. */
    public static long copyRange(Descriptor from, long fromOffset, Descriptor to, long toOffset, long length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment offsets = arena.allocateFrom(ValueLayout.JAVA_LONG, fromOffset, toOffset);
            long at = offsets.address();
            return Kernel.require(SystemCall.COPY_FILE_RANGE, from.number(), at, to.number(), at + 8, length, 0);
        }
    }

    /** Makes the file's data durable ({@code fdatasync(2)}), what was written through shared mappings included. */
    public static void syncData(Descriptor file) {
        Kernel.require(SystemCall.FDATASYNC, file.number(), 0, 0);
    }

    /** Makes data and metadata durable ({@code fsync(2)}); on a folder, the names in it. */
    public static void sync(Descriptor file) {
        Kernel.require(SystemCall.FSYNC, file.number(), 0, 0);
    }

    /**
     * How many pages of a range are in the page cache ({@code cachestat(2)}, Linux 6.5); a huge page is one step. What is not is a hole,
     * or on the device, or in swap.
     *
     * @return -1 where this process may not ask, as under a seccomp filter that does not know the call
     */
    public static long cachedPages(Descriptor file, long offset, long length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment range = arena.allocateFrom(ValueLayout.JAVA_LONG, offset, length);
            MemorySegment counts = arena.allocate(CACHESTAT_SIZE, 8);
            long result = Kernel.call(SystemCall.CACHESTAT, file.number(), range.address(), counts.address());
            if (result == -Errno.ENOSYS || result == -Errno.EPERM) return -1;
            if (result < 0) throw LinuxException.of(SystemCall.CACHESTAT, result, file.number(), offset, length);
            return counts.get(ValueLayout.JAVA_LONG, 0);
        }
    }

    /** Whether two descriptors are of one file; false too where the system does not tell. */
    public static boolean isSameFile(Descriptor one, Descriptor other) {
        try {
            return Files.isSameFile(open(one), open(other));
        } catch (IOException untold) {
            return false;
        }
    }

    /** Whether a file has no name any more, or the system does not tell. */
    public static boolean isDeleted(Descriptor file) {
        try {
            return Files.getAttribute(open(file), "unix:nlink").equals(0);
        } catch (IOException untold) {
            return true;
        }
    }

    private static Path open(Descriptor file) {
        return Path.of("/proc/self/fd", Integer.toString(file.number()));
    }

    /** Whether the file lives in memory alone (tmpfs, ramfs), so that no access to it waits for a device. */
    public static boolean isInMemory(Descriptor file) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statfs = arena.allocate(STATFS_SIZE, 8);
            Kernel.require(SystemCall.FSTATFS, file.number(), statfs.address(), 0);
            long type = statfs.get(ValueLayout.JAVA_LONG, 0);
            return type == TMPFS_MAGIC || type == RAMFS_MAGIC;
        }
    }
}
