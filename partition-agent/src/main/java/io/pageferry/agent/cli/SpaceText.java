package io.pageferry.agent.cli;

import io.pageferry.units.ByteSize;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Spaces as people read them. What the server does not know is shown as a hyphen. */
final class SpaceText {
    private static final String UNKNOWN = "-";

    private SpaceText() {}

    static List<String> created(JsonNode space) {
        return List.of("created space " + text(space.path("name")) + " of " + size(space.path("size-bytes")));
    }

    static List<String> table(JsonNode listing) {
        Table table = new Table("NAME", ">SIZE", ">USED", ">QUOTA", ">PAGES", ">CLIENTS", "LEASE");
        for (JsonNode space : listing.path("spaces")) {
            table.row(
                    text(space.path("name")),
                    size(space.path("size-bytes")),
                    size(space.path("used-bytes")),
                    size(space.path("quota-bytes")),
                    text(space.path("written-pages")),
                    text(space.path("connections")),
                    text(space.path("lease").path("holder")));
        }
        return table.lines();
    }

    static List<String> details(JsonNode space) {
        List<String> lines = new ArrayList<>();
        lines.add("name           " + text(space.path("name")));
        lines.add("size           " + size(space.path("size-bytes")) + exact(space.path("size-bytes")));
        lines.add("used           " + size(space.path("used-bytes")));
        lines.add("quota          " + size(space.path("quota-bytes")));
        lines.add("written pages  " + text(space.path("written-pages")));
        lines.add("clients        " + text(space.path("connections")));
        lines.add("created        " + text(space.path("created")));
        lines.add("lease          " + lease(space.path("lease")));
        return lines;
    }

    private static String lease(JsonNode lease) {
        return lease.isMissingNode()
                ? "none: anybody may write"
                : text(lease.path("holder")) + ", epoch " + text(lease.path("epoch")) + ", until "
                        + text(lease.path("expires"));
    }

    private static String exact(JsonNode sizeBytes) {
        return " (" + text(sizeBytes) + " bytes)";
    }

    private static String size(JsonNode sizeBytes) {
        return sizeBytes.canConvertToLong() ? ByteSize.format(sizeBytes.longValue()) : UNKNOWN;
    }

    private static String text(JsonNode value) {
        return value.isMissingNode() || value.isNull() ? UNKNOWN : value.asString();
    }
}
