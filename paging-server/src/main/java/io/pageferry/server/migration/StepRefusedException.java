package io.pageferry.server.migration;

/** The migration does not allow that step in its present state, which the exception carries; nothing changed. */
public final class StepRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient MigrationView migration;

    StepRefusedException(String message, MigrationView migration) {
        super(message);
        this.migration = migration;
    }

    /** The migration as it is, as whoever asked may see it. */
    public MigrationView migration() {
        return migration;
    }
}
