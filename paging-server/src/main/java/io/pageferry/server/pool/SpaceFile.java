package io.pageferry.server.pool;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.Mapping;
import io.pageferry.page.PageRange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The file of one space: its size is the space's size, its content the space's content, its holes are holes. It is mapped
 * whole, so that its size is bounded by the address space alone.
 */
final class SpaceFile implements AutoCloseable {
    static final int PAGE_SHIFT = 12;
    static final int PAGE_BYTES = 1 << PAGE_SHIFT;
    private static final int MAX_HUGE_FAILURES = 8;
    private static final int ONE_ATTEMPT_OF = 64;

    private final String name;
    private final long sizeBytes;
    private final Descriptor descriptor;
    private final FileChannel channel;
    private final Arena arena = Arena.ofShared();
    private final Mapping mapping;
    private final boolean inMemory;
    /** In a row, those included that were not tried. */
    private final AtomicInteger hugeFailures = new AtomicInteger();

    private SpaceFile(String name, Path path) throws IOException {
        this.name = name;
        descriptor = FileCalls.open(path, FileCalls.OpenMode.READ_WRITE);
        sizeBytes = FileCalls.size(descriptor);
        channel = FileChannel.open(path, StandardOpenOption.READ);
        mapping = Mapping.readWrite(descriptor, sizeBytes, arena);
        inMemory = FileCalls.isInMemory(descriptor);
    }

    /** Makes the file of a new space; it appears under its name complete, or not at all. */
    static void create(Path path, long sizeBytes) throws IOException {
        Path unfinished = path.resolveSibling(path.getFileName() + ".new");
        try (Descriptor file = FileCalls.open(unfinished, FileCalls.OpenMode.CREATE)) {
            FileCalls.truncate(file, sizeBytes);
            FileCalls.sync(file);
        }
        Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE);
    }

    static SpaceFile open(String name, Path path) {
        try {
            return new SpaceFile(name, path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String name() {
        return name;
    }

    long sizeBytes() {
        return sizeBytes;
    }

    long pageCount() {
        return (sizeBytes + PAGE_BYTES - 1) >>> PAGE_SHIFT;
    }

    Mapping mapping() {
        return mapping;
    }

    /** For sending from the file without a copy; readable only. */
    FileChannel channel() {
        return channel;
    }

    boolean isInMemory() {
        return inMemory;
    }

    void allocate(long first, long end) {
        FileCalls.allocate(descriptor, first << PAGE_SHIFT, bytes(first, end));
    }

    /** Allocates a range; whole huge pages of it as such, where that is possible. Nothing of it may be allocated yet. */
    void allocateHuge(long first, long end) {
        long hugePages = Mapping.HUGE_BYTES >>> PAGE_SHIFT;
        long hugeFirst = (first + hugePages - 1) & -hugePages;
        long hugeEnd = end & -hugePages;
        if (!inMemory || hugeFirst >= hugeEnd) {
            allocate(first, end);
            return;
        }
        if (first < hugeFirst) allocate(first, hugeFirst);
        for (long page = hugeFirst; page < hugeEnd; page += hugePages) {
            if (!tryHuge(page)) allocate(page, page + hugePages);
        }
        if (hugeEnd < end) allocate(hugeEnd, end);
    }

    /** A kernel without a huge page to give searches for one each time, for milliseconds: after some failures it is asked seldom. */
    private boolean tryHuge(long page) {
        int failedBefore = hugeFailures.getAndIncrement();
        if (failedBefore >= MAX_HUGE_FAILURES && failedBefore % ONE_ATTEMPT_OF != 0) return false;
        // The first page decides whether the device has room: by a store alone, a full one would be a crash.
        allocate(page, page + 1);
        mapping.populateForWriting(page << PAGE_SHIFT, PAGE_BYTES);
        boolean isHuge = mapping.collapse(page << PAGE_SHIFT, Mapping.HUGE_BYTES);
        if (isHuge) hugeFailures.set(0);
        return isHuge;
    }

    /** The file as another open file, which can be passed on. */
    Descriptor reopen(boolean writable) {
        return FileCalls.reopen(descriptor, writable ? FileCalls.OpenMode.READ_WRITE : FileCalls.OpenMode.READ);
    }

    /** Gives pages back; they read as zeroes from now on. */
    void punch(long first, long end) {
        FileCalls.punchHole(descriptor, first << PAGE_SHIFT, (end - first) << PAGE_SHIFT);
    }

    void sync() {
        FileCalls.syncData(descriptor);
    }

    /** The pages that hold data, in order, as the filesystem tells them. */
    List<PageRange> dataRanges() {
        List<PageRange> ranges = new ArrayList<>();
        long offset = 0;
        long lastEnd = 0;
        while (offset < sizeBytes && (offset = FileCalls.nextData(descriptor, offset)) >= 0) {
            long hole = FileCalls.nextHole(descriptor, offset);
            long first = Math.max(offset >>> PAGE_SHIFT, lastEnd);
            lastEnd = (Math.min(hole, sizeBytes) + PAGE_BYTES - 1) >>> PAGE_SHIFT;
            if (lastEnd > first) {
                ranges.add(PageRange.between(first, lastEnd));
            }
            offset = hole;
        }
        return ranges;
    }

    private long bytes(long first, long end) {
        return Math.min(end << PAGE_SHIFT, sizeBytes) - (first << PAGE_SHIFT);
    }

    /** Unmaps and closes; the caller knows that nobody uses the mapping any more. */
    @Override
    public void close() {
        arena.close();
        descriptor.close();
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
