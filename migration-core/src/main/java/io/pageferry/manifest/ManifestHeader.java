package io.pageferry.manifest;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The first page of a manifest. All numbers are little-endian; offsets in bytes: 0 magic, 8 format version (4), 12 page size
 * (4), 16 page count (8), 24 generation (8), 32 length of the execution state (4), 36 length of the name (4), 40 name (UTF-8,
 * at most 64), 104 CRC32C of the execution state, 108 of the state plane, 112 of the heat plane, 116 of the checksum plane
 * (4 each, over the bytes in use), 120 CRC32C of bytes 0 to 119.
 *
 * @param generation rises with each hand-over: the epoch that the space's lease has after it
 */
public record ManifestHeader(
        String partition,
        long pageCount,
        long generation,
        int stateBytes,
        int stateChecksum,
        int statePlaneChecksum,
        int heatPlaneChecksum,
        int checksumPlaneChecksum) {
    /** "PGFERRY1" in ASCII, as the first eight bytes. */
    static final long MAGIC = 0x3159525245464750L;

    static final int FORMAT_VERSION = 1;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long NAME = 40;
    private static final int MAX_NAME_BYTES = 64;
    private static final long CHECKED = 120;

    void write(MemorySegment page) {
        byte[] name = partition.getBytes(StandardCharsets.UTF_8);
        if (name.length > MAX_NAME_BYTES) throw new ManifestException("a name has at most 64 bytes: " + partition);
        page.fill((byte) 0);
        page.set(LONG, 0, MAGIC);
        page.set(INT, 8, FORMAT_VERSION);
        page.set(INT, 12, SpaceLayout.PAGE_BYTES);
        page.set(LONG, 16, pageCount);
        page.set(LONG, 24, generation);
        page.set(INT, 32, stateBytes);
        page.set(INT, 36, name.length);
        MemorySegment.copy(name, 0, page, ValueLayout.JAVA_BYTE, NAME, name.length);
        page.set(INT, 104, stateChecksum);
        page.set(INT, 108, statePlaneChecksum);
        page.set(INT, 112, heatPlaneChecksum);
        page.set(INT, 116, checksumPlaneChecksum);
        page.set(INT, CHECKED, Checksums.crc32c(page.asSlice(0, CHECKED)));
    }

    /** @throws ManifestException if the page is no header of this format */
    static ManifestHeader read(MemorySegment page) {
        if (page.get(LONG, 0) != MAGIC) throw new ManifestException("the space holds no manifest");
        if (page.get(INT, CHECKED) != Checksums.crc32c(page.asSlice(0, CHECKED))) {
            throw new ManifestException("the manifest's header does not match its CRC32C");
        }
        if (page.get(INT, 8) != FORMAT_VERSION) {
            throw new ManifestException(
                    "the manifest has format version " + page.get(INT, 8) + "; this program reads " + FORMAT_VERSION);
        }
        if (page.get(INT, 12) != SpaceLayout.PAGE_BYTES) {
            throw new ManifestException("the manifest's pages have " + page.get(INT, 12) + " bytes, not 4096");
        }
        byte[] name = new byte[page.get(INT, 36)];
        MemorySegment.copy(page, ValueLayout.JAVA_BYTE, NAME, name, 0, name.length);
        return new ManifestHeader(
                new String(name, StandardCharsets.UTF_8),
                page.get(LONG, 16),
                page.get(LONG, 24),
                page.get(INT, 32),
                page.get(INT, 104),
                page.get(INT, 108),
                page.get(INT, 112),
                page.get(INT, 116));
    }
}
