package io.pageferry.nbd;

/**
 * How an export wants to be used (proto.md, "Size constraints").
 *
 * @param minimumBytes every offset and length is a multiple of it; a power of two from 1 to 65536
 * @param preferredBytes requests aligned to it avoid read-modify-write; a power of two, 512 or more
 * @param maximumPayloadBytes the most data of one READ or WRITE; unsigned 32 bits
 */
public record BlockSizes(long minimumBytes, long preferredBytes, long maximumPayloadBytes) {
    /** What a client may assume of a server that announces nothing. */
    public static final BlockSizes UNANNOUNCED = new BlockSizes(1, 4096, NbdLimits.DEFAULT_MAX_PAYLOAD_BYTES);

    /** Whether the specification allows these values; a client refuses an export that breaks this. */
    public boolean isValid() {
        return isPowerOfTwo(minimumBytes)
                && minimumBytes <= NbdLimits.LARGEST_MINIMUM_BLOCK_BYTES
                && isPowerOfTwo(preferredBytes)
                && preferredBytes >= Math.max(minimumBytes, 512)
                && maximumPayloadBytes >= preferredBytes
                && maximumPayloadBytes <= 0xffff_ffffL;
    }

    private static boolean isPowerOfTwo(long value) {
        return value > 0 && Long.bitCount(value) == 1;
    }
}
