package io.pageferry.agent.cli;

import io.pageferry.units.ByteSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Migrations as people read them. */
final class MigrationText {
    private static final Set<String> HEADLINE = Set.of(
            "id",
            "partition",
            "kind",
            "source",
            "target",
            "status",
            "error-desc",
            "options",
            "timeline",
            "committed",
            "stalled",
            "verification");
    private static final Set<String> BYTES = Set.of("transferred", "remaining", "total");
    private static final Set<String> TIMES = Set.of("total-time", "downtime", "setup-time", "expected-downtime");

    private MigrationText() {}

    static List<String> begun(JsonNode migration) {
        String id = migration.path("id").asString();
        return List.of(headline(migration), "follow it: pageferry status " + id + " --watch");
    }

    static List<String> table(JsonNode listing) {
        Table table = new Table("ID", "KIND", "PARTITION", "FROM", "TO", "STATUS", ">TIME", "ERROR");
        for (JsonNode migration : listing.path("migrations")) {
            table.row(
                    migration.path("id").asString(),
                    migration.path("kind").asString(),
                    migration.path("partition").asString(),
                    migration.path("source").asString("-"),
                    migration.path("target").asString("-"),
                    migration.path("status").asString(),
                    migration.path("total-time-ms").asString() + " ms",
                    migration.path("error").asString("-"));
        }
        return table.lines();
    }

    /** The headline, then every figure that there is, then the timeline. */
    static List<String> details(JsonNode migration) {
        List<String> lines = new ArrayList<>();
        lines.add(headline(migration));
        Table figures = new Table("FIGURE", ">VALUE");
        MigrationFigures.of(migration).forEachEntry((name, value) -> {
            if (!HEADLINE.contains(name)) {
                flatten(name, name, value, figures);
            }
        });
        lines.addAll(figures.lines());
        if (!migration.path("timeline").isEmpty()) {
            lines.addAll(timeline(migration.path("timeline")).lines());
        }
        return lines;
    }

    private static String headline(JsonNode migration) {
        String from =
                migration.has("source") ? " from " + migration.path("source").asString() : "";
        String to = migration.has("target") ? " to " + migration.path("target").asString() : "";
        String stalled =
                migration.has("stalled") ? " (" + migration.path("stalled").asString() + ")" : "";
        String error = migration.has("error") ? ": " + migration.path("error").asString() : "";
        return migration.path("id").asString() + ": " + migration.path("kind").asString() + " "
                + migration.path("partition").asString() + from + to + ", "
                + migration.path("status").asString() + stalled + error;
    }

    private static void flatten(String path, String name, JsonNode value, Table figures) {
        if (value.isObject()) {
            value.forEachEntry((inner, figure) -> flatten(path + "." + inner, inner, figure, figures));
        } else if (BYTES.contains(name) && value.canConvertToLong() && value.longValue() >= 0) {
            figures.row(path, ByteSize.format(value.longValue()));
        } else {
            figures.row(path, value.asString() + (TIMES.contains(name) ? " ms" : ""));
        }
    }

    private static Table timeline(JsonNode steps) {
        Table table = new Table("STEP", "SIDE", ">AFTER");
        long firstNs = steps.get(0).path("at-ns").asLong();
        for (JsonNode step : steps) {
            long afterUs = (step.path("at-ns").asLong() - firstNs) / 1000;
            table.row(
                    step.path("step").asString(),
                    step.path("side").asString(),
                    String.format("%d.%03d ms", afterUs / 1000, afterUs % 1000));
        }
        return table;
    }
}
