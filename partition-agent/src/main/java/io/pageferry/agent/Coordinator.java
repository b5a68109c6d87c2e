package io.pageferry.agent;

import io.pageferry.agent.control.ControlClient;
import io.pageferry.migration.Progress;
import io.pageferry.migration.Timeline;
import io.pageferry.nbd.client.NbdUri;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/**
 * The agent's line to the paging server's control API ({@code docs/control-api.md}). Its methods throw what {@link
 * ControlClient} throws.
 */
final class Coordinator {
    /** What an agent's part in the work is now, and the version to ask for news after. */
    record Work(long version, List<Assignment> assignments) {}

    /** A partition as the server knows it: which agent has it, and the migration that is on, if any. */
    record Ownership(String agent, boolean suspended, String migration, String space) {}

    private static final Logger LOG = System.getLogger(Coordinator.class.getName());
    private static final Duration POLL = Duration.ofSeconds(20);

    private final String agent;
    private final ControlClient control;
    private final String place;
    private final String streamAddress;
    private volatile Optional<String> nbdTcp = Optional.empty();
    private volatile Optional<Path> nbdUnix = Optional.empty();
    private volatile Optional<Path> direct = Optional.empty();
    private volatile Optional<UUID> server = Optional.empty();

    /**
     * A line that is not used yet.
     *
     * @param place where its programs attach: a new process that serves the same place replaces the one before it
     * @param streamAddress where this agent takes pages straight from other agents
     */
    Coordinator(String agent, ControlClient control, String place, String streamAddress) {
        this.streamAddress = streamAddress;
        this.agent = agent;
        this.control = control;
        this.place = place;
    }

    /** Registers this process under its name; what it hosts is to be reported next. */
    void register() throws InterruptedException {
        control.setSession("");
        ProcessHandle process = ProcessHandle.current();
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("name", agent);
        body.put("serves", place);
        body.put("process-id", process.pid());
        body.put("started", process.info().startInstant().map(Object::toString).orElse(""));
        body.put("stream", streamAddress);
        JsonNode json = control.post("/v1/agents", body).json();
        nbdTcp = text(json.path("nbd").path("tcp"));
        nbdUnix = text(json.path("nbd").path("unix")).map(Path::of);
        direct = text(json.path("direct")).map(Path::of);
        server = text(json.path("server-id")).map(UUID::fromString);
        control.setSession(json.path("session").asString());
    }

    void reportPartitions(List<Map<String, Object>> partitions) throws InterruptedException {
        control.put(ControlClient.path("v1", "agents", agent, "partitions"), Map.of("partitions", partitions));
    }

    void reportHeat(String partition, Map<String, Object> heat) throws InterruptedException {
        control.put(ControlClient.path("v1", "agents", agent, "heat", partition), heat);
    }

    /** Waits for news of this agent's work. */
    Work awaitWork(long after) throws InterruptedException {
        String path =
                ControlClient.path("v1", "agents", agent, "work") + "?after=" + after + "&wait-ms=" + POLL.toMillis();
        JsonNode json = control.get(path, POLL.plusSeconds(10)).json();
        List<Assignment> assignments = new ArrayList<>();
        for (JsonNode one : json.path("migrations")) {
            try {
                assignments.add(Assignment.of(one));
            } catch (IllegalArgumentException unknown) {
                // From a newer server, perhaps. One migration must not keep this agent from all others.
                LOG.log(Level.ERROR, "a migration that this agent cannot carry out: {0}", unknown.getMessage());
            }
        }
        return new Work(json.path("version").asLong(0), assignments);
    }

    Ownership ownership(String partition) throws InterruptedException {
        JsonNode json =
                control.get(ControlClient.path("v1", "partitions", partition)).json();
        return new Ownership(
                json.path("agent").asString(""),
                json.path("state").asString("").equals("suspended"),
                json.path("migration").asString(""),
                json.path("space").asString(partition));
    }

    Assignment migration(String id) throws InterruptedException {
        return Assignment.of(
                control.get(ControlClient.path("v1", "migrations", id)).json());
    }

    /** Reports a step of one side ({@code source} or {@code target}); the state may be absent, an error too. */
    Assignment report(
            String id,
            String side,
            Optional<String> state,
            Optional<String> error,
            Progress progress,
            Timeline timeline)
            throws InterruptedException {
        Map<String, Object> body = new LinkedHashMap<>();
        state.ifPresent(word -> body.put("state", word));
        error.ifPresent(text -> body.put("error", text));
        body.put("progress", progress.figures());
        body.put("timeline", timeline.steps());
        return Assignment.of(control.post(ControlClient.path("v1", "migrations", id, side), body)
                .json());
    }

    Assignment commit(String id, String leaseToken) throws InterruptedException {
        String path = ControlClient.path("v1", "migrations", id, "commit");
        return Assignment.of(
                control.post(path, Map.of("lease-token", leaseToken)).json());
    }

    /** Where to write a space under lease: the ways there, the best one first. */
    List<NbdUri> leasedSpace(String name, String leaseToken) {
        return ways(name, ";lease=" + leaseToken);
    }

    /** Where to read a space, to be told of the changes since a sample of its sequence; as {@link #leasedSpace}. */
    List<NbdUri> spaceSince(String name, long sequence) {
        return ways(name, ";since=" + sequence);
    }

    /**
     * By the server's Unix socket, if there is one at its path here, before TCP.
     *
     * <p>Invariant: each connection says which server it is for, so that another one which answers there refuses it: on another host
     * the same path may be that one's.
     */
    private List<NbdUri> ways(String space, String setting) {
        String export = space + server.map(id -> ";server=" + id).orElse("") + setting;
        List<NbdUri> ways = new ArrayList<>();
        nbdUnix.filter(Files::exists).ifPresent(socket -> ways.add(NbdUri.unix(socket, export)));
        nbdTcp.ifPresent(place -> {
            int colon = place.lastIndexOf(':');
            int port = Integer.parseInt(place.substring(colon + 1));
            ways.add(NbdUri.tcp(place.substring(0, colon), port, export));
        });
        if (ways.isEmpty()) throw new IllegalStateException("the paging server named no NBD address");
        return ways;
    }

    /** Where the server serves the direct path, if it does; it may be on another host. */
    Optional<Path> directSocket() {
        return direct;
    }

    /** Which server that is; absent if it does not say. */
    Optional<UUID> server() {
        return server;
    }

    /** This agent's name. */
    String agent() {
        return agent;
    }

    private static Optional<String> text(JsonNode node) {
        return node.isString() ? Optional.of(node.stringValue()) : Optional.empty();
    }
}
