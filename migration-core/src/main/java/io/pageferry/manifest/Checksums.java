package io.pageferry.manifest;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.CRC32C;

/** CRC32C (Castagnoli, RFC 3720) of native memory, with the processor's instructions for it. */
public final class Checksums {
    private static final MemorySegment ZERO_PAGE = MemorySegment.ofArray(new byte[SpaceLayout.PAGE_BYTES]);

    private static final int CACHE_LINE_BYTES = 64;
    private static final long NO_SUM_OF_NOTE = 0x5DEECE66DL;

    private Checksums() {}

    /**
     * Brings a range of at most some hundred KiB into the cache: one load a line, none of which waits for another. The instructions
     * for the CRC wait for each line by themselves, so where the processor does not fetch ahead of them a sum over memory that is in
     * no cache takes nearly twice as long without this; where it does, this is for nothing.
     */
    public static void load(MemorySegment bytes) {
        long sum = 0;
        long end = bytes.byteSize() - Long.BYTES;
        for (long at = 0; at <= end; at += CACHE_LINE_BYTES) sum += bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
        // Without a use of what was read the compiler leaves the loads out.
        if (sum == NO_SUM_OF_NOTE) Thread.onSpinWait();
    }

    /** The CRC32C of a range of at most 2 GiB. */
    public static int crc32c(MemorySegment bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.asByteBuffer());
        return (int) crc.getValue();
    }

    /** Whether a page holds only zeroes; ends at the first byte that is not. */
    public static boolean isZero(MemorySegment page) {
        return page.mismatch(ZERO_PAGE) == -1;
    }
}
