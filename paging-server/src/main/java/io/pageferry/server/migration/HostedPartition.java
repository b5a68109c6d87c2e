package io.pageferry.server.migration;

import io.pageferry.attach.ProgramState;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A program as its agent reports it.
 *
 * @param name the partition's
 * @param sizeBytes its memory
 * @param state where the program is in its life
 * @param endpoint where it takes requests, {@code host:port}, if it does
 * @param processId the program's, on its host
 */
public record HostedPartition(
        String name, long sizeBytes, ProgramState state, Optional<String> endpoint, long processId) {

    /** Whether the program runs, or runs as soon as it is started. */
    boolean isLive() {
        return state == ProgramState.NEW || state == ProgramState.RUNNING;
    }

    boolean isSameLiveProgram(@Nullable HostedPartition other) {
        return other != null && isLive() && other.isLive() && processId == other.processId;
    }

    /** Whether it is about to begin on empty memory. */
    boolean isNew() {
        return state == ProgramState.NEW;
    }

    boolean isIncoming() {
        return state == ProgramState.INCOMING;
    }

    /** Whether there is still something of the partition here, or about to be. */
    boolean isPresent() {
        return state != ProgramState.DEPARTED;
    }
}
