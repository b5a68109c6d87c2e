package io.pageferry.nbd.client;

/**
 * A range of an export.
 *
 * @param offset its first byte
 * @param lengthBytes its length, more than 0
 */
public record ByteRange(long offset, long lengthBytes) {
    /** The first byte after it. */
    public long end() {
        return offset + lengthBytes;
    }
}
