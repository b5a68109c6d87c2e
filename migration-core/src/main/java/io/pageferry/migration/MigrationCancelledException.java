package io.pageferry.migration;

/** Somebody asked to cancel the migration, before its commit. */
public final class MigrationCancelledException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public MigrationCancelledException() {
        super("the migration was cancelled");
    }
}
