package io.pageferry.migration;

import io.pageferry.copy.CopyTuning;
import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.manifest.Checksums;
import io.pageferry.manifest.SpaceLayout;
import io.pageferry.pager.WaitingMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.LongToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Where pages come in before the memory of a program that waits. In an extent that is gathered into a huge page that is straight
 * where they belong; but what is copied by the reading thread itself goes by a buffer that stays in the cache, where checksums of
 * what the kernel has stored take longer than a second copy ({@link CopyTuning}). Elsewhere it is a buffer, too, from which they
 * are written by descriptor: the kernel then allocates each page without a fault, in half the time that stores into a fresh
 * mapping take. Thread-safe.
 *
 * <p>Invariant: the checksum is that of the very bytes which are in the memory, whatever else happens to the space.
 */
final class Landing {
    /** Where a run of pages is to be read to: where they belong, or a part of a buffer, from which they are put there. */
    record Place(
            long firstPage, MemorySegment content, @Nullable MemorySegment buffer) {}

    private final Descriptor memfd;
    private final WaitingMemory memory;
    private final @Nullable LongToIntFunction checksumInPlace;
    private final boolean byBuffer;
    private final int[] checksums;
    private final ConcurrentLinkedDeque<MemorySegment> free = new ConcurrentLinkedDeque<>();
    private final long bufferBytes;

    /**
     * @param checksumInPlace if what is read is in the memory already: its checksums
     * @param byBuffer what is read goes by a buffer into a huge page, too
     * @param bufferPages the longest run
     */
    Landing(
            Descriptor memfd,
            WaitingMemory memory,
            @Nullable LongToIntFunction checksumInPlace,
            boolean byBuffer,
            long pageCount,
            int bufferPages) {
        this.memfd = memfd;
        this.memory = memory;
        this.checksumInPlace = checksumInPlace;
        this.byBuffer = byBuffer;
        this.checksums = new int[Math.toIntExact(pageCount)];
        this.bufferBytes = (long) bufferPages * SpaceLayout.PAGE_BYTES;
    }

    /** A place for a run of pages of one extent; of the buffers the one used last, which is in the cache still. */
    Place take(long firstPage, long pageCount) {
        if (checksumInPlace != null || (memory.isGathered(firstPage) && !byBuffer)) {
            return new Place(firstPage, memory.pages(firstPage, pageCount), null);
        }
        MemorySegment buffer = free.pollFirst();
        if (buffer == null) buffer = Arena.ofAuto().allocate(bufferBytes, SpaceLayout.PAGE_BYTES);
        return new Place(firstPage, buffer.asSlice(0, pageCount * SpaceLayout.PAGE_BYTES), buffer);
    }

    /** Notes the pages' checksums and puts them where they belong. @throws io.pageferry.linux.LinuxException if there is no room */
    void put(Place place) {
        MemorySegment content = place.content;
        LongToIntFunction known = checksumInPlace;
        for (long at = 0; at < content.byteSize(); at += SpaceLayout.PAGE_BYTES) {
            int page = (int) (place.firstPage + at / SpaceLayout.PAGE_BYTES);
            checksums[page] = known != null
                    ? known.applyAsInt(page)
                    : Checksums.crc32c(content.asSlice(at, SpaceLayout.PAGE_BYTES));
        }
        if (place.buffer == null) return;
        if (memory.isGathered(place.firstPage)) {
            CopyTuning.here().copy(content, memory.pages(place.firstPage, content.byteSize() / SpaceLayout.PAGE_BYTES));
            return;
        }
        long offset = place.firstPage * SpaceLayout.PAGE_BYTES;
        for (long done = 0; done < content.byteSize(); ) {
            done += FileCalls.writeAt(memfd, content.asSlice(done), offset + done);
        }
    }

    void giveBack(Place place) {
        if (place.buffer != null) free.addFirst(place.buffer);
    }

    /** The CRC32C of what was put there last. */
    int checksum(long pageIndex) {
        return checksums[(int) pageIndex];
    }
}
