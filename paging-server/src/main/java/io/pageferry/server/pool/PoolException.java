package io.pageferry.server.pool;

/** A request to the pool that it refuses; the message says what to do. */
public final class PoolException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Why the pool refuses. */
    public enum Reason {
        /** The name or the size is not one that a space can have. */
        INVALID,
        /** No space of this name. */
        UNKNOWN,
        /** There is a space of this name already. */
        EXISTS,
        /** Somebody is connected to the space. */
        IN_USE,
        /** The folder cannot be used as a pool, or another server uses it. */
        UNUSABLE
    }

    private final Reason reason;

    PoolException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    PoolException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
