package io.pageferry.migration;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.manifest.Checksums;
import io.pageferry.manifest.SpaceLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * Where pages come in before the memory of a program that waits: a few buffers that stay in the cache. From there they are
 * written by descriptor, since the kernel then allocates each page without a fault, in half the time that stores into a fresh
 * mapping take. Thread-safe.
 *
 * <p>Invariant: the checksum is that of the very bytes which are put into the memory, whatever else happens to the space.
 */
final class Landing {
    private final Descriptor memfd;
    private final boolean inPlace;
    private final int[] checksums;
    private final ConcurrentLinkedDeque<MemorySegment> free = new ConcurrentLinkedDeque<>();
    private final long bufferBytes;

    /**
     * @param inPlace whether what is read is in the memory already, and only looked at here
     * @param bufferPages the longest run
     */
    Landing(Descriptor memfd, boolean inPlace, long pageCount, int bufferPages) {
        this.memfd = memfd;
        this.inPlace = inPlace;
        this.checksums = new int[Math.toIntExact(pageCount)];
        this.bufferBytes = (long) bufferPages * SpaceLayout.PAGE_BYTES;
    }

    /** A buffer; the one used last, which is in the cache still. */
    MemorySegment take() {
        MemorySegment buffer = free.pollFirst();
        return buffer != null ? buffer : Arena.ofAuto().allocate(bufferBytes, SpaceLayout.PAGE_BYTES);
    }

    void giveBack(MemorySegment buffer) {
        free.addFirst(buffer);
    }

    /** Notes the pages' checksums and puts them where they belong. @throws io.pageferry.linux.LinuxException if there is no room */
    void put(long firstPage, MemorySegment content) {
        for (long at = 0; at < content.byteSize(); at += SpaceLayout.PAGE_BYTES) {
            int page = (int) (firstPage + at / SpaceLayout.PAGE_BYTES);
            checksums[page] = Checksums.crc32c(content.asSlice(at, SpaceLayout.PAGE_BYTES));
        }
        if (inPlace) return;
        long offset = firstPage * SpaceLayout.PAGE_BYTES;
        for (long done = 0; done < content.byteSize(); ) {
            done += FileCalls.writeAt(memfd, content.asSlice(done), offset + done);
        }
    }

    /** The CRC32C of what was put there last. */
    int checksum(long pageIndex) {
        return checksums[(int) pageIndex];
    }
}
