package io.pageferry.server.migration;

import io.pageferry.migration.MigrationState;
import java.time.Instant;
import java.util.Optional;

/**
 * What is durable of a migration.
 *
 * @param id such as {@code m-17}
 * @param spaceSequence a sample of the space's sequence from before anything was written for this
 * @param source who has the partition when it begins; absent for a resume
 * @param target who has it when it ends; absent for a suspend
 * @param targetProcess the process id of the program that waits there, where pages are in its memory alone until the commit
 * @param committed whether the partition has changed hands by it
 * @param epoch the partition's epoch: as it was before the commit, and as it is after
 * @param sizeBytes the partition's memory
 * @param ended when it came to a terminal state
 */
public record MigrationRecord(
        String id,
        String partition,
        MigrationKind kind,
        String space,
        long spaceSequence,
        Optional<String> source,
        Optional<String> target,
        Optional<Long> targetProcess,
        MigrationState state,
        boolean committed,
        long epoch,
        MigrationOptions options,
        long sizeBytes,
        Instant created,
        Optional<Instant> ended,
        Optional<String> error) {
    private static final int MAX_ERROR_CHARACTERS = 500;

    boolean isSource(String agent) {
        return source.filter(agent::equals).isPresent();
    }

    boolean isTarget(String agent) {
        return target.filter(agent::equals).isPresent();
    }

    /**
     * Whether a program that its target hosts is the one that this goes to.
     *
     * <p>Invariant: by the network the pages are in the memory of the program that waited when this began; any other, though it waits for
     * the same partition, is empty.
     */
    boolean goesTo(HostedPartition program) {
        return program.isIncoming()
                && targetProcess
                        .filter(process -> process != program.processId())
                        .isEmpty();
    }

    boolean involves(String agent) {
        return isSource(agent) || isTarget(agent);
    }

    boolean isOver() {
        return state.isTerminal();
    }

    /** The number in its id: ids are ordered by it. */
    long number() {
        return Long.parseLong(id.substring(id.indexOf('-') + 1));
    }

    /** The same migration one legal step on. @throws IllegalStateException if the step is not legal */
    MigrationRecord in(MigrationState next, Instant now) {
        if (!state.mayBecome(next)) {
            throw new IllegalStateException(id + ": " + state.word() + " does not become " + next.word());
        }
        return with(next, committed, epoch, next.isTerminal() ? Optional.of(now) : Optional.empty(), error);
    }

    MigrationRecord failed(String why, Instant now) {
        String shortened = why.length() <= MAX_ERROR_CHARACTERS ? why : why.substring(0, MAX_ERROR_CHARACTERS) + "...";
        MigrationRecord failed = in(MigrationState.FAILED, now);
        return failed.with(failed.state, committed, epoch, failed.ended, Optional.of(shortened));
    }

    /** The same migration after its commit, under the partition's new epoch. */
    MigrationRecord committed(long newEpoch, Instant now) {
        MigrationRecord next =
                in(kind == MigrationKind.SUSPEND ? MigrationState.COMPLETED : MigrationState.POSTCOPY_ACTIVE, now);
        return next.with(next.state, true, newEpoch, next.ended, error);
    }

    /** A resume as it begins: its commit was that of the suspend, so only the target is concerned from here on. */
    MigrationRecord resumedAt(long newEpoch) {
        return with(MigrationState.POSTCOPY_ACTIVE, true, newEpoch, ended, error);
    }

    private MigrationRecord with(
            MigrationState newState,
            boolean nowCommitted,
            long newEpoch,
            Optional<Instant> newEnded,
            Optional<String> newError) {
        return new MigrationRecord(
                id,
                partition,
                kind,
                space,
                spaceSequence,
                source,
                target,
                targetProcess,
                newState,
                nowCommitted,
                newEpoch,
                options,
                sizeBytes,
                created,
                newEnded,
                newError);
    }
}
