package io.pageferry.migration;

/** The source's line to whoever coordinates the migration: the paging server. */
public interface SourceControl {
    /** How an attempt to commit ended. */
    enum Commit {
        /** The target owns the partition, durably. */
        COMMITTED,
        /** It was cancelled or has failed before: the source owns the partition, and goes on. */
        REFUSED
    }

    /**
     * Says that the source has come to a state.
     *
     * @throws MigrationCancelledException if a cancel came first
     */
    void report(MigrationState state);

    /**
     * Asks the target to compare what it holds with the manifest, and waits for its word; returns at once where there is no target.
     *
     * <p>Invariant: from before this is called until it returns the source writes nothing into the space. So what does not match
     * there, twice, is damaged, and never only on its way.
     *
     * @throws MigrationCancelledException if a cancel comes first
     * @throws MigrationFailedException if the target has found a page that does not match, or is gone
     */
    void awaitVerified();

    /** Throws {@link MigrationCancelledException} if somebody has asked to cancel. */
    void checkCancelled();

    /** Sends figures and timeline on; does not wait. */
    void publish();

    /**
     * Asks for the commit, and asks again until the outcome is known: it never guesses.
     *
     * <p>Invariant: the partition's memory does not change from before this is called until it returns.
     */
    Commit commit();
}
