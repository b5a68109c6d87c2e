package io.pageferry.server.catalog;

import java.time.Instant;

/**
 * The right to write a space. One holder has it at a time.
 *
 * @param space the space's name
 * @param holder who holds it, in words; it proves nothing
 * @param token proves that one holds it: 128 random bits as 32 hexadecimal digits
 * @param epoch rises by one with each transfer and each acquisition of the space
 * @param expires when others may take it over, to the millisecond
 */
public record Lease(String space, String holder, String token, long epoch, Instant expires) {
    public boolean isExpiredAt(Instant now) {
        return !now.isBefore(expires);
    }

    /** Without the token, which must not reach a log. */
    @Override
    public String toString() {
        return "Lease[space=" + space + ", holder=" + holder + ", epoch=" + epoch + ", expires=" + expires + "]";
    }
}
