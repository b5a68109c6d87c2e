package io.pageferry.agent.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.pageferry.agent.control.ControlClient;
import io.pageferry.agent.gateway.PartitionView.State;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
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

    @Test
    void aServerThatIsNotThereIsToldOfOnceHoweverOftenItIsAsked() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord line) {
                if (line.getLevel().intValue() >= Level.WARNING.intValue()) told.add(line.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger log = Logger.getLogger(PartitionFollower.class.getName());
        log.addHandler(handler);
        try (ControlClient control = new ControlClient(URI.create("http://127.0.0.1:1"));
                PartitionFollower follower = new PartitionFollower(control, "p", view -> {})) {
            follower.start();
            await().until(() -> !told.isEmpty());
            // It asks five times a second.
            await().during(Duration.ofSeconds(1)).atMost(Duration.ofSeconds(10)).until(() -> told.size() == 1);
        } finally {
            log.removeHandler(handler);
        }
    }
}
