package io.pageferry.nbd.client;

/**
 * The server could not be reached, or was lost and did not come back within the limit. The outcome of writes that fail
 * with this is unknown: each may or may not have been applied.
 */
public final class NbdUnreachableException extends NbdFailure {
    private static final long serialVersionUID = 1;

    NbdUnreachableException(String message) {
        super(message);
    }

    NbdUnreachableException(String message, Throwable cause) {
        super(message, cause);
    }
}
