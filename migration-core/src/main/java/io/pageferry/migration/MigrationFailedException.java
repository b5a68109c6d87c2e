package io.pageferry.migration;

/** A migration cannot go on; the partition stays whose it is. The message says why. */
public final class MigrationFailedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public MigrationFailedException(String message) {
        super(message);
    }

    public MigrationFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
