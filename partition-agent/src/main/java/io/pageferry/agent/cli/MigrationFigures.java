package io.pageferry.agent.cli;

import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A migration in the shape of QEMU's {@code query-migrate}: {@code status}, {@code total-time} and what source and target measured
 * ({@code ram}, {@code downtime}, ...) side by side. Where both sides have a figure of the same name, the target's is under {@code
 * target-side}. What does not apply is absent.
 */
final class MigrationFigures {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final List<String> SAME = List.of(
            "id",
            "partition",
            "kind",
            "source",
            "target",
            "status",
            "committed",
            "epoch",
            "stalled",
            "verification",
            "created",
            "ended");

    private MigrationFigures() {}

    static ObjectNode of(JsonNode migration) {
        ObjectNode figures = JSON.createObjectNode();
        SAME.stream().filter(migration::has).forEach(name -> figures.set(name, migration.get(name)));
        if (migration.has("error")) {
            figures.set("error-desc", migration.get("error"));
        }
        figures.set("total-time", migration.path("total-time-ms"));
        ObjectNode targetSide = JSON.createObjectNode();
        SideFigures.downtimeMs(migration.path("timeline")).ifPresent(ms -> figures.put("downtime", ms));
        merge(figures, SideFigures.nested(migration.path("source-progress")), targetSide);
        merge(figures, SideFigures.nested(migration.path("target-progress")), targetSide);
        if (!targetSide.isEmpty()) {
            figures.set("target-side", targetSide);
        }
        figures.set("options", migration.path("options"));
        figures.set("timeline", migration.path("timeline"));
        return figures;
    }

    static ObjectNode ofAll(JsonNode listing) {
        ObjectNode all = JSON.createObjectNode();
        ArrayNode migrations = all.putArray("migrations");
        for (JsonNode migration : listing.path("migrations")) {
            migrations.add(of(migration));
        }
        return all;
    }

    // What is there stays; the later of the same name goes aside.
    private static void merge(ObjectNode into, JsonNode figures, ObjectNode aside) {
        figures.forEachEntry((name, value) -> {
            if (!into.has(name)) {
                into.set(name, value.deepCopy());
            } else if (into.get(name) instanceof ObjectNode present && value.isObject()) {
                ObjectNode asideHere = JSON.createObjectNode();
                merge(present, value, asideHere);
                if (!asideHere.isEmpty()) {
                    aside.set(name, asideHere);
                }
            } else {
                aside.set(name, value);
            }
        });
    }
}
