package io.pageferry.agent.cli;

import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Puts one side's figures into the shape of QEMU's {@code query-migrate} ({@code qapi/migration.json}, {@code MigrationStats}). */
final class SideFigures {
    /** What QEMU has under {@code ram}. */
    private static final Set<String> RAM = Set.of(
            "transferred",
            "remaining",
            "total",
            "duplicate",
            "normal",
            "dirty-pages-rate",
            "mbps",
            "dirty-sync-count",
            "pages-per-second",
            "postcopy-requests");

    private SideFigures() {}

    /** The same figures, those of memory under {@code ram}; those that are there already stay. */
    static ObjectNode nested(JsonNode flat) {
        ObjectNode nested = JsonMapper.shared().createObjectNode();
        ObjectNode ram = JsonMapper.shared().createObjectNode();
        flat.forEachEntry((name, value) -> {
            if (name.equals("ram") && value instanceof ObjectNode present) ram.setAll(present);
            else if (RAM.contains(name)) ram.set(name, value);
            // The whole migration's is the server's to tell.
            else if (!name.equals("total-time")) nested.set(name, value);
        });
        if (!ram.isEmpty()) nested.set("ram", ram);
        return nested;
    }

    /**
     * How long nobody could run the program, in ms: from the begin of its rest on the source until it ran on the target. Each time is
     * its own host's; where they contradict each other there is no answer.
     */
    static Optional<Long> downtimeMs(JsonNode timeline) {
        long quiescedNs = 0;
        for (JsonNode step : timeline) {
            String name = step.path("step").asString();
            if (name.equals("quiesce")) quiescedNs = step.path("at-ns").asLong();
            if (name.equals("resumed") && quiescedNs > 0) {
                long downtimeNs = step.path("at-ns").asLong() - quiescedNs;
                return downtimeNs < 0 ? Optional.empty() : Optional.of(Math.round(downtimeNs / 1e6));
            }
        }
        return Optional.empty();
    }
}
