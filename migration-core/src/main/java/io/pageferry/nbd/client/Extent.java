package io.pageferry.nbd.client;

/**
 * A part of an export with one status.
 *
 * @param offset its first byte
 * @param lengthBytes its length, more than 0
 * @param flags {@link io.pageferry.nbd.ExtentFlags} of the metadata context it was asked of
 */
public record Extent(long offset, long lengthBytes, int flags) {
    /** The first byte after it. */
    public long end() {
        return offset + lengthBytes;
    }

    /** Whether all bits of {@code wanted} are set. */
    public boolean has(int wanted) {
        return (flags & wanted) == wanted;
    }
}
