package io.pageferry.path;

/** A page path has failed for good: the storage cannot be reached, or refuses. */
public final class PagePathException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final boolean fenced;

    public PagePathException(String message, boolean fenced, Throwable cause) {
        super(message, cause);
        this.fenced = fenced;
    }

    /** Whether the space belongs to another holder now. */
    public boolean isFenced() {
        return fenced;
    }
}
