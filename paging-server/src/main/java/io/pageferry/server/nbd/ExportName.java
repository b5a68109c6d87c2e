package io.pageferry.server.nbd;

import org.jspecify.annotations.Nullable;

/**
 * What a client asks for: {@code NAME}, or {@code NAME;lease=TOKEN} to write a space that is under lease, or {@code
 * NAME;since=SEQUENCE} to be told of changes from that sequence number of the space on, or {@code NAME;server=ID} to be refused by
 * any other server.
 *
 * @param space the name of the space; empty for the default export
 * @param since what this connection's first question of {@code pageferry:written-since} goes back to; 0 for all there is
 * @param server the identity of the server that is meant; null where any will do
 */
record ExportName(
        String space,
        @Nullable String leaseToken,
        long since,
        @Nullable String server) {
    private static final String LEASE = "lease=";
    private static final String SINCE = "since=";
    private static final String SERVER = "server=";

    /** @throws IllegalArgumentException if there is a setting that this server does not know */
    static ExportName parse(String text) {
        String[] parts = text.split(";", -1);
        String leaseToken = null;
        String server = null;
        long since = 0;
        for (int i = 1; i < parts.length; i++) {
            if (parts[i].startsWith(LEASE)) leaseToken = parts[i].substring(LEASE.length());
            else if (parts[i].startsWith(SINCE)) since = sequence(parts[i].substring(SINCE.length()));
            else if (parts[i].startsWith(SERVER)) server = parts[i].substring(SERVER.length());
            else throw new IllegalArgumentException("unknown setting '" + parts[i] + "' behind the space's name");
        }
        return new ExportName(parts[0], leaseToken, since, server);
    }

    private static long sequence(String digits) {
        try {
            return Long.parseUnsignedLong(digits);
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException("since= takes a sequence number, not '" + digits + "'", notANumber);
        }
    }
}
