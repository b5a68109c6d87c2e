package io.pageferry.migration;

/** The target's line to whoever coordinates the migration: the paging server. */
public interface TargetControl {
    /**
     * Whether the partition is the target's by now; waits for it so long at the most.
     *
     * @throws MigrationCancelledException if the migration has ended before its commit: the target is discarded
     */
    boolean awaitCommit(long timeoutMs);

    /** Whether the source is about to commit, so that its program stands still or will soon. */
    boolean isSwitching();

    /** Whether the source waits for {@link #verified}, and writes nothing meanwhile. */
    boolean isToVerify();

    /** Whether the manifest may be of this generation, now that the partition is the target's. */
    boolean isCommitted(long generation);

    /** Says that what is held here matches the manifest. */
    void verified();

    /** Says that the program runs here. */
    void resumed();

    /** Sends figures and timeline on; does not wait. */
    void publish();
}
