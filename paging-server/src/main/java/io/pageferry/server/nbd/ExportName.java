package io.pageferry.server.nbd;

import org.jspecify.annotations.Nullable;

/**
 * What a client asks for: {@code NAME}, or {@code NAME;lease=TOKEN} to write a space that is under lease.
 *
 * @param space the name of the space; empty for the default export
 */
record ExportName(String space, @Nullable String leaseToken) {
    private static final String LEASE = ";lease=";

    static ExportName parse(String text) {
        int lease = text.indexOf(LEASE);
        return lease < 0
                ? new ExportName(text, null)
                : new ExportName(text.substring(0, lease), text.substring(lease + LEASE.length()));
    }
}
