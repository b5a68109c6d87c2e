package io.pageferry.server.migration;

import java.util.List;
import java.util.Optional;

/**
 * An agent as the API shows it.
 *
 * @param alive whether it was seen within the last ten seconds
 */
public record AgentView(String name, boolean alive, long lastSeenMsAgo, long processId, List<Hosted> partitions) {
    /** What an agent hosts; {@code state} is the program's. */
    public record Hosted(String name, long sizeBytes, String state, Optional<String> endpoint, long processId) {
        static Hosted of(HostedPartition partition) {
            return new Hosted(
                    partition.name(),
                    partition.sizeBytes(),
                    partition.state().word(),
                    partition.endpoint(),
                    partition.processId());
        }
    }
}
