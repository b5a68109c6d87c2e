package io.pageferry.server.nbd;

import io.pageferry.nbd.TransmissionFlags;
import io.pageferry.server.pool.PagingSpace;
import org.jspecify.annotations.Nullable;

/** A space as one client may use it: acquired, until it is closed. */
record Export(PagingSpace space, boolean writable, @Nullable String leaseToken, long since) implements AutoCloseable {
    private static final int ALWAYS = TransmissionFlags.HAS_FLAGS
            | TransmissionFlags.SEND_FLUSH
            | TransmissionFlags.SEND_FUA
            | TransmissionFlags.SEND_TRIM
            | TransmissionFlags.SEND_WRITE_ZEROES
            | TransmissionFlags.SEND_FAST_ZERO
            | TransmissionFlags.SEND_CACHE
            | TransmissionFlags.CAN_MULTI_CONN;

    int transmissionFlags(boolean structuredReplies) {
        return ALWAYS
                | (writable ? 0 : TransmissionFlags.READ_ONLY)
                | (structuredReplies ? TransmissionFlags.SEND_DF : 0);
    }

    @Override
    public void close() {
        space.uses().release();
    }
}
