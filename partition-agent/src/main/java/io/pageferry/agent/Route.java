package io.pageferry.agent;

import tools.jackson.databind.JsonNode;

/**
 * Which way the pages of a migration go.
 *
 * @param path the word of {@link PathChoice} that the migration asks for; empty where the agent's own goes
 * @param byNetwork straight to the target's agent, and not through the storage
 * @param streams connections of the network
 * @param targetStream where the target takes them, {@code HOST:PORT}; empty once that is of no more use
 * @param streamToken what a stream shows there
 */
record Route(String path, boolean byNetwork, int streams, String targetStream, String streamToken) {
    static Route of(JsonNode migration) {
        JsonNode options = migration.path("options");
        return new Route(
                options.path("path").asString(""),
                options.path("via").asString("").equals("network"),
                options.path("streams").asInt(1),
                migration.path("target-stream").asString(""),
                migration.path("stream-token").asString(""));
    }
}
