package io.pageferry.manifest;

import java.lang.foreign.MemorySegment;
import java.util.zip.CRC32C;

/** CRC32C (Castagnoli, RFC 3720) of native memory, with the processor's instructions for it. */
public final class Checksums {
    private static final MemorySegment ZERO_PAGE = MemorySegment.ofArray(new byte[SpaceLayout.PAGE_BYTES]);

    private Checksums() {}

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
