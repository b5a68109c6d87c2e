package io.pageferry.attach;

/** The connection between program and agent has ended: one of them has died or closed it. */
public final class AttachLostException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public AttachLostException(String message) {
        super(message);
    }

    public AttachLostException(String message, Throwable cause) {
        super(message, cause);
    }
}
