package io.pageferry.systemtests.moves;

import io.pageferry.agent.control.ControlClient;
import io.pageferry.agent.control.ControlException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/** Asks the control API for what an operator's commands ask for. */
final class Operator implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ControlClient control;

    Operator(URI server) {
        this.control = new ControlClient(server);
    }

    /** Begins a migration; returns its id. */
    String migrate(String to, Map<String, ?> options) throws InterruptedException {
        return begin("migrate", to, options);
    }

    String migrate(String to) throws InterruptedException {
        return migrate(to, Map.of());
    }

    String suspend() throws InterruptedException {
        return begin("suspend", "", Map.of());
    }

    String resume(String on) throws InterruptedException {
        return begin("resume", on, Map.of());
    }

    String begin(String kind, String to, Map<String, ?> options) throws InterruptedException {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("kind", kind);
        request.put("partition", Cluster.PARTITION);
        if (!to.isEmpty()) request.put("to", to);
        if (!options.isEmpty()) request.put("options", options);
        return control.post("/v1/migrations", request).json().path("id").asString();
    }

    /** The names of all paging spaces. */
    List<String> spaces() throws InterruptedException {
        List<String> names = new ArrayList<>();
        control.get("/v1/spaces")
                .json()
                .path("spaces")
                .forEach(space -> names.add(space.path("name").asString()));
        return names;
    }

    /** The partition's own space. */
    JsonNode space() throws InterruptedException {
        return control.get("/v1/spaces/" + Cluster.PARTITION).json();
    }

    /** Makes the partition's own space, with so many bytes that it may take up. */
    void createSpace(long sizeBytes, long quotaBytes) throws InterruptedException {
        control.post(
                "/v1/spaces", Map.of("name", Cluster.PARTITION, "size-bytes", sizeBytes, "quota-bytes", quotaBytes));
    }

    void deleteSpace() throws InterruptedException {
        control.delete("/v1/spaces/" + Cluster.PARTITION + "?force=true");
    }

    void cancel(String id) throws InterruptedException {
        control.post(ControlClient.path("v1", "migrations", id, "cancel"));
    }

    JsonNode migration(String id) throws InterruptedException {
        return control.get(ControlClient.path("v1", "migrations", id)).json();
    }

    JsonNode partition() throws InterruptedException {
        return control.get(ControlClient.path("v1", "partitions", Cluster.PARTITION))
                .json();
    }

    /** The port at which the partition's program itself takes requests. */
    int portOfProgram() throws InterruptedException {
        String endpoint =
                awaitPartition(now -> now.has("endpoint")).path("endpoint").asString();
        return Integer.parseInt(endpoint.substring(endpoint.lastIndexOf(':') + 1));
    }

    JsonNode agents() throws InterruptedException {
        return control.get("/v1/agents").json();
    }

    /** Waits until the migration has one of these states; fails if it is over with another. */
    JsonNode await(String id, String... states) throws InterruptedException {
        List<String> wanted = List.of(states);
        JsonNode migration = awaitThat(
                "/v1/migrations/" + id,
                now -> wanted.contains(now.path("status").asString()) || now.has("ended"));
        if (!wanted.contains(migration.path("status").asString())) {
            throw new AssertionError(id + " is not " + wanted + ": " + migration);
        }
        return migration;
    }

    /** Waits until a migration is completed, and its source, which lives, has said its last: it may come after the target's. */
    JsonNode awaitCompletedAndEvicted(String id) throws InterruptedException {
        await(id, "completed");
        return awaitThat(
                "/v1/migrations/" + id, now -> now.path("source-progress").has("eviction-time-ms"));
    }

    /** Waits until the source waits for the target to verify. */
    JsonNode awaitAskedToVerify(String id) throws InterruptedException {
        return awaitThat(
                "/v1/migrations/" + id,
                now -> now.path("verification").asString().equals("asked"));
    }

    /** Waits until a step is in the migration's timeline. */
    void awaitStep(String id, String step) throws InterruptedException {
        awaitThat(
                "/v1/migrations/" + id,
                now -> now.path("timeline")
                        .valueStream()
                        .anyMatch(one -> one.path("step").asString().equals(step)));
    }

    /** Waits until a step is in the migration's timeline, or the migration is over without it. */
    void awaitStepOrEnd(String id, String step) throws InterruptedException {
        awaitThat(
                "/v1/migrations/" + id,
                now -> now.has("ended")
                        || now.path("timeline")
                                .valueStream()
                                .anyMatch(one -> one.path("step").asString().equals(step)));
    }

    /** Waits until the partition is as {@code isSo} says. */
    JsonNode awaitPartition(Predicate<JsonNode> isSo) throws InterruptedException {
        return awaitThat("/v1/partitions/" + Cluster.PARTITION, isSo);
    }

    /** Waits until the partition runs on an agent. */
    JsonNode awaitRunningOn(String agent) throws InterruptedException {
        return awaitPartition(now -> now.path("state").asString().equals("running")
                && now.path("agent").asString().equals(agent));
    }

    /** Waits until an agent has a program that waits for the partition. */
    void awaitIncoming(String agent) throws InterruptedException {
        awaitHosted(agent, "incoming");
    }

    /** Waits until an agent, which may have been started anew, has a program in this state. */
    void awaitHosted(String agent, String state) throws InterruptedException {
        awaitThat("/v1/agents", now -> {
            for (JsonNode one : now.path("agents")) {
                if (!one.path("name").asString().equals(agent)) continue;
                for (JsonNode partition : one.path("partitions")) {
                    if (partition.path("state").asString().equals(state)) return true;
                }
            }
            return false;
        });
    }

    private JsonNode awaitThat(String path, Predicate<JsonNode> isSo) throws InterruptedException {
        long endNs = System.nanoTime() + PATIENCE.toNanos();
        String last = "";
        while (System.nanoTime() < endNs) {
            try {
                JsonNode now = control.get(path).json();
                if (isSo.test(now)) return now;
                last = now.toString();
            } catch (ControlException notYet) {
                last = String.valueOf(notYet.getMessage());
            }
            Thread.sleep(10);
        }
        throw new AssertionError(
                path + " did not come to what was awaited within " + PATIENCE.toSeconds() + " s: " + last);
    }

    @Override
    public void close() {
        control.close();
    }
}
