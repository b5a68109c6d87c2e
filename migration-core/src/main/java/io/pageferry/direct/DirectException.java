package io.pageferry.direct;

/** The direct path cannot do what was asked: it is lost, or the other side says why not. */
public final class DirectException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final DirectStatus status;

    public DirectException(DirectStatus status, String message) {
        super(message);
        this.status = status;
    }

    public DirectException(DirectStatus status, String message, Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    /** Why; {@link DirectStatus#FAILED} also where the connection is lost. */
    public DirectStatus status() {
        return status;
    }
}
