package io.pageferry.server.migration;

import java.util.Optional;

/**
 * What is durable of a partition.
 *
 * @param sizeBytes its memory, without the manifest
 * @param space the paging space that its pages go through
 * @param agent who owns it; absent while it is suspended
 * @param epoch rises by one whenever it changes hands, and never falls
 * @param spaceIsCurrent whether the space holds, whole, what was last committed: no migration out has written since, and the
 *     program has not started anew
 * @param endpoint where its program takes requests, if it does
 */
record PartitionRecord(
        String name,
        long sizeBytes,
        String space,
        Optional<String> agent,
        long epoch,
        boolean suspended,
        boolean spaceIsCurrent,
        Optional<String> endpoint) {

    boolean isOwnedBy(String agentName) {
        return agent.filter(agentName::equals).isPresent();
    }

    PartitionRecord handedTo(String newAgent, Optional<String> newEndpoint) {
        return new PartitionRecord(name, sizeBytes, space, Optional.of(newAgent), epoch + 1, false, true, newEndpoint);
    }

    PartitionRecord suspendedToSpace() {
        return new PartitionRecord(name, sizeBytes, space, Optional.empty(), epoch + 1, true, true, Optional.empty());
    }

    /** The same partition, whose pages are in a shared area until all have arrived. */
    PartitionRecord awayIn(String area) {
        return new PartitionRecord(name, sizeBytes, area, agent, epoch, suspended, spaceIsCurrent, endpoint);
    }

    /** The same partition with its own space again, which holds nothing that could still be of use. */
    PartitionRecord home() {
        return awayIn(name).withoutImage();
    }

    /** Whether its pages are in a shared area, and not in its own space. */
    boolean isAway() {
        return !space.equals(name);
    }

    /** The same partition as its owner describes it now. */
    PartitionRecord describedAs(long newSizeBytes, Optional<String> newEndpoint) {
        return new PartitionRecord(name, newSizeBytes, space, agent, epoch, suspended, spaceIsCurrent, newEndpoint);
    }

    /** The same partition, of which the space does not hold a whole image any more. */
    PartitionRecord withoutImage() {
        return new PartitionRecord(name, sizeBytes, space, agent, epoch, suspended, false, endpoint);
    }
}
