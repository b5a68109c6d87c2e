package io.pageferry.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A shared mapping of a whole file or memfd: one set of page-table entries over its frames; or anonymous memory. Offsets and lengths
 * are bytes, and multiples of the page size where a call changes entries.
 */
public final class Mapping {
    private static final int PROT_READ = 1; // asm-generic/mman-common.h
    private static final int PROT_WRITE = 2;
    private static final int MAP_SHARED = 1;
    private static final int MAP_PRIVATE = 2;
    private static final int MAP_FIXED = 0x10;
    private static final int MAP_ANONYMOUS = 0x20;
    private static final int MAP_NORESERVE = 0x4000;
    private static final int PROT_NONE = 0;
    private static final int MADV_RANDOM = 1;
    private static final int MADV_DONTNEED = 4;
    private static final int MADV_HUGEPAGE = 14;
    private static final int MADV_POPULATE_READ = 22;
    private static final int MADV_POPULATE_WRITE = 23;
    private static final int MADV_COLLAPSE = 25;
    private static final int MS_SYNC = 4; // asm-generic/mman-common.h

    /** How often the kernel is asked again for a huge page that somebody is at. */
    private static final int COLLAPSE_TRIES = 16;

    /** The size in bytes of what one entry of a page table's middle level maps: a huge page (x86-64, and AArch64 with 4 KiB pages). */
    public static final long HUGE_BYTES = 2 << 20;

    private final MemorySegment segment;

    private Mapping(MemorySegment segment) {
        this.segment = segment;
    }

    /** Maps a file for reading and writing; unmapped when the arena closes. */
    public static Mapping readWrite(Descriptor file, long sizeBytes, Arena arena) {
        return of(file, sizeBytes, PROT_READ | PROT_WRITE, arena);
    }

    /** Maps a file for reading only. */
    public static Mapping readOnly(Descriptor file, long sizeBytes, Arena arena) {
        return of(file, sizeBytes, PROT_READ, arena);
    }

    /**
     * Memory of this process alone, all zeroes, given back when the arena closes. From a megabyte on it lies so that the kernel can give
     * it huge pages, of which each is one fault where small ones are 512.
     */
    @SuppressWarnings("restricted")
    public static Mapping anonymous(long sizeBytes, Arena arena) {
        boolean large = sizeBytes >= HUGE_BYTES / 2;
        long mappedBytes = large ? (sizeBytes + HUGE_BYTES - 1) & -HUGE_BYTES : pageUp(sizeBytes);
        int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
        long roomBytes = large ? mappedBytes + HUGE_BYTES : mappedBytes;
        long room = Kernel.require(SystemCall.MMAP, 0, roomBytes, PROT_READ | PROT_WRITE, flags, -1, 0);
        long address = large ? (room + HUGE_BYTES - 1) & -HUGE_BYTES : room;
        unmap(room, address);
        unmap(address + mappedBytes, room + roomBytes);
        // Where the system gives them only to those who ask; one that has none gives small pages.
        if (large) Kernel.call(SystemCall.MADVISE, address, mappedBytes, MADV_HUGEPAGE);
        // SAFETY: the kernel has just given us this range, and only the arena's close takes it back.
        return new Mapping(MemorySegment.ofAddress(address)
                .reinterpret(sizeBytes, arena, gone -> unmap(address, address + mappedBytes)));
    }

    private static void unmap(long from, long to) {
        if (to > from) Kernel.call(SystemCall.MUNMAP, from, to - from, 0);
    }

    @SuppressWarnings("restricted")
    private static Mapping of(Descriptor file, long sizeBytes, int protection, Arena arena) {
        long address = map(file, sizeBytes, protection);
        // SAFETY: the kernel has just given us this range, and only the arena's close takes it back.
        MemorySegment segment = MemorySegment.ofAddress(address)
                .reinterpret(sizeBytes, arena, gone -> Kernel.call(SystemCall.MUNMAP, address, sizeBytes, 0));
        return new Mapping(protection == PROT_READ ? segment.asReadOnly() : segment);
    }

    private static long map(Descriptor file, long sizeBytes, int protection) {
        int flags = MAP_SHARED | MAP_NORESERVE;
        if (sizeBytes < HUGE_BYTES) {
            return Kernel.require(SystemCall.MMAP, 0, sizeBytes, protection, flags, file.number(), 0);
        }
        // A huge page is mapped as one only where address and file offset agree: so the address is a multiple of its
        // size.
        long roomBytes = pageUp(sizeBytes) + HUGE_BYTES;
        int reserve = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
        long room = Kernel.require(SystemCall.MMAP, 0, roomBytes, PROT_NONE, reserve, -1, 0);
        long address = (room + HUGE_BYTES - 1) & -HUGE_BYTES;
        long result = Kernel.call(SystemCall.MMAP, address, sizeBytes, protection, flags | MAP_FIXED, file.number(), 0);
        long end = result < 0 ? room : address + pageUp(sizeBytes);
        if (result >= 0 && address > room) Kernel.require(SystemCall.MUNMAP, room, address - room, 0);
        if (end < room + roomBytes) Kernel.require(SystemCall.MUNMAP, end, room + roomBytes - end, 0);
        if (result < 0) throw LinuxException.of(SystemCall.MMAP, result, file.number(), sizeBytes);
        return address;
    }

    private static long pageUp(long sizeBytes) {
        return (sizeBytes + 4095) & -4096L;
    }

    public MemorySegment segment() {
        return segment;
    }

    public long address() {
        return segment.address();
    }

    public long sizeBytes() {
        return segment.byteSize();
    }

    /** Drops the entries of a range; the data stays in the file, and the next access makes the entry anew. */
    public void dropEntries(long offset, long length) {
        advise(offset, length, MADV_DONTNEED);
    }

    /** Makes the entries of a range, readable; a hole is allocated, so callers skip holes. */
    public void populateForReading(long offset, long length) {
        advise(offset, length, MADV_POPULATE_READ);
    }

    /** Makes the entries of a range, writable, allocating what is missing; an armed write tracking sees it as a write. */
    public void populateForWriting(long offset, long length) {
        advise(offset, length, MADV_POPULATE_WRITE);
    }

    /** The same, ahead of stores that would each be a fault; false where that cannot be: the store itself then tells why. */
    public boolean tryPopulateForWriting(long offset, long length) {
        return Kernel.call(SystemCall.MADVISE, at(offset, length), length, MADV_POPULATE_WRITE) >= 0;
    }

    /**
     * Gathers a range into huge pages, filling its holes with zeroes; at least one of its pages must be there. It costs a tenth
     * of allocating small pages one by one, and asks no setting of the system.
     *
     * @return whether it was done: not where the filesystem has no huge pages, none is free, or a missing page of the range is
     *     reported to a userfaultfd
     */
    public boolean collapse(long offset, long length) {
        for (int tries = 0; ; tries++) {
            long result = Kernel.call(SystemCall.MADVISE, at(offset, length), length, MADV_COLLAPSE);
            // Another thread is at one of its pages, for a moment.
            if (result != -Errno.EAGAIN || tries == COLLAPSE_TRIES) return result >= 0;
            Thread.onSpinWait();
        }
    }

    /** Tells the kernel that accesses are scattered: a miss reads one page from the device, not its neighbours. */
    public void expectRandomAccess() {
        advise(0, segment.byteSize(), MADV_RANDOM);
    }

    /** Writes a range back to the device and waits for it ({@code msync(2)}). */
    public void sync(long offset, long length) {
        Kernel.require(SystemCall.MSYNC, at(offset, length), length, MS_SYNC);
    }

    /**
     * Tells of each page of a range whether it is in the page cache, in the low bit of its byte; a page in swap is not, though
     * it is no hole.
     */
    public void residency(long offset, long length, MemorySegment into) {
        if (into.byteSize() < (length + 4095) >>> 12) throw new IllegalArgumentException("needs a byte a page");
        Kernel.require(SystemCall.MINCORE, at(offset, length), length, into.address());
    }

    /** Whether a whole range is in the page cache, so that reading it waits for no device ({@code mincore(2)}). */
    public boolean isResident(long offset, long length, MemorySegment scratch) {
        long pageCount = (length + 4095) >>> 12;
        if (scratch.byteSize() < pageCount) throw new IllegalArgumentException("scratch needs a byte a page");
        Kernel.require(SystemCall.MINCORE, at(offset, length), length, scratch.address());
        for (long page = 0; page < pageCount; page++) {
            if ((scratch.get(ValueLayout.JAVA_BYTE, page) & 1) == 0) return false;
        }
        return true;
    }

    private void advise(long offset, long length, int advice) {
        Kernel.require(SystemCall.MADVISE, at(offset, length), length, advice);
    }

    private long at(long offset, long length) {
        return segment.asSlice(offset, length).address();
    }
}
