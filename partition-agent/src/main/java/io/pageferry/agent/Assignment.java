package io.pageferry.agent;

import io.pageferry.heat.Order;
import io.pageferry.migration.MigrationOptions;
import io.pageferry.migration.MigrationState;
import io.pageferry.migration.Verification;
import tools.jackson.databind.JsonNode;

/**
 * A migration as the paging server tells it to an agent that has a part in it.
 *
 * @param spaceSequence what was written for this migration is newer than this sample of the space's sequence
 * @param verification whether the target has compared what it holds
 * @param isCommitted whether the target owns the partition
 * @param leaseToken the space's lease, if this agent holds it; else empty
 */
record Assignment(
        String id,
        String partition,
        String kind,
        String space,
        long spaceSequence,
        String source,
        String target,
        MigrationState state,
        Verification verification,
        boolean isCommitted,
        long epoch,
        String leaseToken,
        MigrationOptions options,
        Route route) {
    static Assignment of(JsonNode json) {
        JsonNode options = json.path("options");
        MigrationOptions defaults = MigrationOptions.DEFAULT;
        String word = json.path("status").asString("");
        return new Assignment(
                json.path("id").asString(),
                json.path("partition").asString(),
                json.path("kind").asString(),
                json.path("space").asString(),
                json.path("space-sequence").asLong(0),
                json.path("source").asString(""),
                json.path("target").asString(""),
                MigrationState.ofWord(word)
                        .orElseThrow(() -> new IllegalArgumentException("unknown migration state '" + word + "'")),
                Verification.ofWord(json.path("verification").asString("")),
                json.path("committed").asBoolean(false),
                json.path("epoch").asLong(0),
                json.path("lease-token").asString(""),
                new MigrationOptions(
                        options.path("max-downtime-ms").asLong(defaults.maxDowntimeMs()),
                        options.path("max-rounds").asInt(defaults.maxRounds()),
                        options.path("at-bound").asString("force").equals("force"),
                        order(options, "order-out", defaults.orderOut()),
                        order(options, "order-in", defaults.orderIn())),
                Route.of(json));
    }

    /** The same, at least so far verified: what was said once holds, though an answer from before it may come after it. */
    Assignment notBefore(Verification said) {
        if (verification.compareTo(said) >= 0) return this;
        return new Assignment(
                id,
                partition,
                kind,
                space,
                spaceSequence,
                source,
                target,
                state,
                said,
                isCommitted,
                epoch,
                leaseToken,
                options,
                route);
    }

    /**
     * Whether a manifest of this generation may be what this has committed.
     *
     * <p>Invariant: a source seals its manifest for the epoch of its own commit. A resume seals none, and each takes an epoch, also one
     * that fails: so what it brings is of an epoch before its own, and which one is not known here.
     */
    boolean isCommitted(long generation) {
        return kind.equals("resume") ? generation < epoch : generation == epoch;
    }

    private static Order order(JsonNode options, String name, Order absent) {
        return Order.ofWord(options.path(name).asString("")).orElse(absent);
    }
}
