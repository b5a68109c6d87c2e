package io.pageferry.agent.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.agent.control.ControlClient;
import io.pageferry.agent.gateway.PartitionView.State;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PartitionFollowerTest {
    private static final Optional<InetSocketAddress> SOURCE =
            Optional.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1));
    private static final Optional<InetSocketAddress> TARGET =
            Optional.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 2));

    @Test
    void requestsAreHeldUntilTheCommitAndGoToTheTargetFromThenOn() {
        try (ControlClient control = new ControlClient(URI.create("http://127.0.0.1:1"));
                PartitionFollower follower = new PartitionFollower(control, "p", view -> {})) {
            assertThat(follower.afterRunning(new PartitionView(State.SWITCHING, TARGET, 7))
                            .takesRequests())
                    .as("nobody knows yet on which side of the commit this is")
                    .isFalse();
            assertThat(follower.afterRunning(new PartitionView(State.RUNNING, SOURCE, 7))
                            .takesRequests())
                    .isTrue();
            assertThat(follower.afterRunning(new PartitionView(State.SWITCHING, SOURCE, 7))
                            .takesRequests())
                    .isFalse();
            PartitionView committed = follower.afterRunning(new PartitionView(State.SWITCHING, TARGET, 8));
            assertThat(committed.state()).isEqualTo(State.ARRIVING);
            assertThat(committed.takesRequests()).isTrue();
            assertThat(follower.afterRunning(new PartitionView(State.SUSPENDED, Optional.empty(), 8))
                            .takesRequests())
                    .isFalse();
        }
    }
}
