package io.pageferry.server.migration;

/** A step that the migration's present state does not allow; {@link StepRefusedException} is what the outside sees of it. */
final class RefusedStep extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient MigrationRecord migration;

    /** {@code why} goes on after the migration's id, such as {@code is completed}. */
    RefusedStep(String why, MigrationRecord migration) {
        super(migration.id() + " " + why);
        this.migration = migration;
    }

    MigrationRecord migration() {
        return migration;
    }

    String error() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
