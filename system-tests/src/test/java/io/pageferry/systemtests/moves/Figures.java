package io.pageferry.systemtests.moves;

import tools.jackson.databind.JsonNode;

/** Finds a migration's figures. */
final class Figures {
    private Figures() {}

    /** A figure of one side, at its top or under {@code ram}. */
    static long of(JsonNode side, String name) {
        JsonNode figure = side.has(name) ? side.path(name) : side.path("ram").path(name);
        if (!figure.isNumber()) throw new AssertionError("no figure " + name + " in " + side);
        return figure.longValue();
    }
}
