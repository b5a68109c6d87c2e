package io.pageferry.server.pool;

/** A first write that would take the space beyond its quota (NBD_ENOSPC). */
public final class QuotaExceededException extends SpaceFullException {
    private static final long serialVersionUID = 1;

    QuotaExceededException(String message) {
        super(message);
    }
}
