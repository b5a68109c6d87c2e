package io.pageferry.server.nbd;

import org.jspecify.annotations.Nullable;

/** Who may write a space: asked when an export is opened, on a thread that may block. */
@FunctionalInterface
public interface WriteRights {
    /** Everybody may write every space; for spaces without leases. */
    WriteRights NO_LEASES = (space, token) -> token == null ? Right.WRITE : Right.REFUSED;

    /** What somebody may do who opens a space. */
    enum Right {
        WRITE,
        READ,
        /** The lease token is not the space's current one. */
        REFUSED
    }

    /** The right of somebody who shows this lease token, or none. */
    Right of(String space, @Nullable String leaseToken);
}
