package io.pageferry.migration;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Where a migration stands: the states and their words are those of QEMU's {@code query-migrate} (qapi/migration.json,
 * {@code MigrationStatus}). The states before {@link #POSTCOPY_ACTIVE} belong to the source: a failure there leaves the
 * partition with it. From {@link #POSTCOPY_ACTIVE} on, the partition belongs to the target, whatever happens.
 */
public enum MigrationState {
    /** Accepted; the space and the lease are there, the source has not begun. */
    SETUP("setup"),
    /** Pages go out while the partition runs on the source. */
    ACTIVE("active"),
    /** The partition is quiesced on the source; the last pages and the manifest go out. */
    PRE_SWITCHOVER("pre-switchover"),
    /** Committed: the partition is the target's, and pages may still arrive there. */
    POSTCOPY_ACTIVE("postcopy-active"),
    /** Everything is where it belongs. A suspend ends here by its commit. */
    COMPLETED("completed"),
    /** Somebody asked to cancel; the source has not yet said that it stopped. */
    CANCELLING("cancelling"),
    /** Given up on request; the partition runs on the source as if nothing had been. */
    CANCELLED("cancelled"),
    /** Given up because of an error; whose the partition is depends on whether it was committed. */
    FAILED("failed");

    private final String word;

    MigrationState(String word) {
        this.word = word;
    }

    /** The state in JSON, logs and documents. */
    public String word() {
        return word;
    }

    /** The state of this word, if it is one. */
    public static Optional<MigrationState> ofWord(String word) {
        return Arrays.stream(values()).filter(state -> state.word.equals(word)).findFirst();
    }

    /**
     * The states that may follow this one. {@link #PRE_SWITCHOVER} is left towards {@link #POSTCOPY_ACTIVE} (a migration) or
     * {@link #COMPLETED} (a suspend) by a commit alone, and towards {@link #ACTIVE} where the switchover was given up
     * because it would have taken too long. The set is the caller's.
     */
    public Set<MigrationState> next() {
        return switch (this) {
            case SETUP -> EnumSet.of(ACTIVE, CANCELLING, FAILED);
            case ACTIVE -> EnumSet.of(PRE_SWITCHOVER, CANCELLING, FAILED);
            case PRE_SWITCHOVER -> EnumSet.of(ACTIVE, POSTCOPY_ACTIVE, COMPLETED, CANCELLING, FAILED);
            case POSTCOPY_ACTIVE -> EnumSet.of(COMPLETED, FAILED);
            case CANCELLING -> EnumSet.of(CANCELLED, FAILED);
            case COMPLETED, CANCELLED, FAILED -> EnumSet.noneOf(MigrationState.class);
        };
    }

    public boolean mayBecome(MigrationState state) {
        return next().contains(state);
    }

    /** Whether nothing follows. */
    public boolean isTerminal() {
        return this == COMPLETED || this == CANCELLED || this == FAILED;
    }

    /** Whether a cancel is still possible: the source has the partition, and nobody has cancelled yet. */
    public boolean isCancellable() {
        return mayBecome(CANCELLING);
    }
}
