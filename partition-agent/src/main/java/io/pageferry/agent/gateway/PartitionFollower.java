package io.pageferry.agent.gateway;

import io.pageferry.agent.control.Answer;
import io.pageferry.agent.control.ControlClient;
import io.pageferry.agent.control.ControlException;
import io.pageferry.agent.gateway.PartitionView.State;
import io.pageferry.process.Compilers;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** Follows one partition at the paging server by long polls, and tells every change. */
final class PartitionFollower implements AutoCloseable {
    private static final Logger LOG = System.getLogger(PartitionFollower.class.getName());
    private static final Duration POLL = Duration.ofSeconds(20);
    private static final int RETRY_MS = 200;
    private static final int NOT_FOUND = 404;

    private final ControlClient control;
    private final String partition;
    private final Consumer<PartitionView> onChange;
    private final Thread thread;
    private volatile boolean closing;
    private long version;
    private long runningEpoch;
    private boolean known;
    private String trouble = "";

    PartitionFollower(ControlClient control, String partition, Consumer<PartitionView> onChange) {
        this.control = control;
        this.partition = partition;
        this.onChange = onChange;
        this.thread = Thread.ofPlatform().name("partition-follower").daemon().unstarted(this::follow);
    }

    void start() {
        thread.start();
        Thread.ofPlatform().name("rehearsal").daemon().start(this::rehearse);
    }

    private void rehearse() {
        try {
            control.rehearse();
        } catch (ControlException notNow) {
            // Everything works without it, only slower the first time.
            LOG.log(Level.DEBUG, "partition {0}: no rehearsal: {1}", partition, notNow.getMessage());
        } catch (InterruptedException ending) {
            LOG.log(Level.DEBUG, "partition {0}: no rehearsal", partition);
        }
    }

    private void follow() {
        while (!closing) {
            try {
                String path = ControlClient.path("v1", "partitions", partition) + "?after=" + version + "&wait-ms="
                        + POLL.toMillis();
                Answer answer = control.get(path, POLL.plusSeconds(10));
                version = answer.json().path("version").asLong(0);
                PartitionView view = afterRunning(view(answer.json()));
                known = true;
                trouble = "";
                onChange.accept(view);
                if (view.state() == State.SWITCHING) Compilers.giveWay();
            } catch (InterruptedException interrupted) {
                return;
            } catch (RuntimeException failure) {
                // Whatever it is: without this thread the gateway would be blind.
                afterFailure(failure);
            }
        }
    }

    // What was known last stays in force: the partition serves its clients without the paging server.
    private void afterFailure(RuntimeException failure) {
        if (closing) return;
        String now = failure instanceof ControlException ? String.valueOf(failure.getMessage()) : failure.toString();
        if (!now.equals(trouble)) LOG.log(Level.WARNING, "partition {0}: {1}", partition, now);
        trouble = now;
        version = 0;
        boolean unknown = failure instanceof ControlException.Refused refused && refused.status() == NOT_FOUND;
        if (unknown && !known) onChange.accept(PartitionView.NO_SUCH);
        try {
            Thread.sleep(RETRY_MS);
        } catch (InterruptedException interrupted) {
            closing = true;
        }
    }

    /** Tells a switch-over before its commit from one after it, which has a higher epoch than what ran last. */
    PartitionView afterRunning(PartitionView now) {
        if (now.state() == State.RUNNING) runningEpoch = now.epoch();
        boolean committed = now.state() == State.SWITCHING && runningEpoch > 0 && now.epoch() > runningEpoch;
        return committed ? new PartitionView(State.ARRIVING, now.endpoint(), now.epoch()) : now;
    }

    static PartitionView view(JsonNode json) {
        State state = switch (json.path("state").asString("")) {
            case "running" -> State.RUNNING;
            case "switching" -> State.SWITCHING;
            case "suspended" -> State.SUSPENDED;
            default -> State.LOST;
        };
        String endpoint = json.path("endpoint").asString("");
        int colon = endpoint.lastIndexOf(':');
        Optional<InetSocketAddress> address = colon < 1
                ? Optional.empty()
                : Optional.of(new InetSocketAddress(
                        endpoint.substring(0, colon), Integer.parseInt(endpoint.substring(colon + 1))));
        return new PartitionView(state, address, json.path("epoch").asLong(0));
    }

    @Override
    public void close() {
        closing = true;
        thread.interrupt();
    }
}
