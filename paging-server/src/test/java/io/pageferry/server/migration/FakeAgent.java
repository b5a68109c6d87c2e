package io.pageferry.server.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.pageferry.server.migration.ControlCalls.Reply;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** An agent of tests: it speaks the contract of {@code docs/control-api.md} and moves no page. */
final class FakeAgent {
    private final ControlCalls server;
    private final String name;
    private String session = "";

    FakeAgent(ControlCalls server, String name) {
        this.server = server;
        this.name = name;
    }

    /** An agent that has registered, as process 1. */
    static FakeAgent registered(ControlCalls server, String name) {
        FakeAgent agent = new FakeAgent(server, name);
        agent.register(1);
        return agent;
    }

    String name() {
        return name;
    }

    String session() {
        return session;
    }

    JsonNode register(long processId) {
        JsonNode answer = tryRegister(processId).ok();
        session = answer.path("session").asString();
        assertThat(session).hasSize(32);
        return answer;
    }

    Reply tryRegister(long processId) {
        return server.post(
                "/v1/agents", "{\"name\":\"" + name + "\",\"process-id\":" + processId + ",\"started\":\"now\"}");
    }

    /** Says that it hosts this one program, at an endpoint that carries the agent's name. */
    Reply hosts(String partition, String state) {
        return hosts(partition, state, 1 << 20);
    }

    Reply hosts(String partition, String state, long sizeBytes) {
        return hosts(partition, state, sizeBytes, 7);
    }

    Reply hosts(String partition, String state, long sizeBytes, long processId) {
        return put("[{\"name\":\"" + partition + "\",\"size-bytes\":" + sizeBytes + ",\"state\":\"" + state
                + "\",\"endpoint\":\"" + name + ":1\",\"process-id\":" + processId + "}]");
    }

    Reply hostsNothing() {
        return put("[]");
    }

    private Reply put(String partitions) {
        return server.put("/v1/agents/" + name + "/partitions", "{\"partitions\":" + partitions + "}", session);
    }

    JsonNode work(long after, long waitMs) {
        return server.get("/v1/agents/" + name + "/work?after=" + after + "&wait-ms=" + waitMs, session)
                .ok();
    }

    /** The migration as this agent's work list has it. */
    JsonNode workOn(String migration) {
        for (JsonNode each : work(0, 0).path("migrations")) {
            if (each.path("id").asString().equals(migration)) {
                return each;
            }
        }
        return MissingNode.getInstance();
    }

    Reply reports(String side, String migration, String json) {
        return server.post("/v1/migrations/" + migration + "/" + side, json, session);
    }

    Reply says(String side, String migration, String state) {
        return reports(side, migration, "{\"state\":\"" + state + "\"}");
    }

    Reply commits(String migration, String leaseToken) {
        return server.post(
                "/v1/migrations/" + migration + "/commit", "{\"lease-token\":\"" + leaseToken + "\"}", session);
    }

    /** Brings a migration that it is the source of to the switchover; returns the lease token. */
    String quiesces(String migration) {
        String token = workOn(migration).path("lease-token").asString();
        says("source", migration, "active").ok();
        says("source", migration, "pre-switchover").ok();
        return token;
    }
}
