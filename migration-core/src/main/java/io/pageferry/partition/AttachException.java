package io.pageferry.partition;

/** A program could not attach; the message says why, and what to do. */
public final class AttachException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public AttachException(String message) {
        super(message);
    }

    public AttachException(String message, Throwable cause) {
        super(message, cause);
    }
}
