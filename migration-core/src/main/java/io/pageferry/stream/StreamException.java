package io.pageferry.stream;

/** A stream between two agents is lost, or its other end does not keep to the protocol. */
public final class StreamException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public StreamException(String message) {
        super(message);
    }

    public StreamException(String message, Throwable cause) {
        super(message, cause);
    }
}
