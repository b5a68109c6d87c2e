package io.pageferry.server.control;

import io.pageferry.server.http.ApiException;
import io.pageferry.server.http.Handler;
import io.pageferry.server.http.JsonFields;
import io.pageferry.server.http.Reply;
import io.pageferry.server.http.Request;
import io.pageferry.server.http.Resource;
import io.pageferry.server.http.Route;
import io.pageferry.server.migration.MigrationKind;
import io.pageferry.server.migration.MigrationOptions;
import io.pageferry.server.migration.MigrationRequest;
import io.pageferry.server.migration.MigrationService;
import io.pageferry.server.migration.MigrationView;
import io.pageferry.server.migration.Report;
import io.pageferry.server.migration.Side;
import io.pageferry.server.migration.StepRefusedException;
import io.pageferry.server.migration.TimelineStep;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Migrations: operators begin and cancel them, their source and target report, and the source commits. */
final class MigrationsResource implements Resource {
    private static final String[] OPTIONS = {
        "max-downtime-ms", "max-rounds", "at-bound", "via", "area", "streams", "path", "order-out", "order-in"
    };
    private static final String[] ORDERS = {"hot-cold", "address", "hot-first"};

    private static final String MIGRATIONS = "/v1/migrations";
    private static final String MIGRATION = "/v1/migrations/{id}";
    private static final int MAX_TIMELINE_STEPS = 500;

    private final MigrationService migrations;

    MigrationsResource(MigrationService migrations) {
        this.migrations = migrations;
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.get(MIGRATIONS, request -> Reply.ok(new Listing(migrations.migrations()))),
                Route.json("POST", MIGRATIONS, this::create),
                Route.get(MIGRATION, this::show)
                        .withQuery(LongPoll.AFTER, LongPoll.WAIT_MS)
                        .waiting(),
                withoutBody(MIGRATION + "/cancel", orConflict(this::cancel)),
                Route.json("POST", MIGRATION + "/source", orConflict(request -> report(request, Side.SOURCE))),
                Route.json("POST", MIGRATION + "/target", orConflict(request -> report(request, Side.TARGET))),
                Route.json("POST", MIGRATION + "/commit", orConflict(this::commit)));
    }

    private static Route withoutBody(String path, Handler handler) {
        Route get = Route.get(path, handler);
        return new Route("POST", get.path(), false, Set.of(), false, handler);
    }

    // Who is refused gets to know how the migration stands, so that he need not ask.
    private static Handler orConflict(Handler handler) {
        return request -> {
            try {
                return handler.handle(request);
            } catch (StepRefusedException e) {
                String error = e.getMessage() == null ? "" : e.getMessage();
                return Reply.json(
                        409, new Conflict(error, "nothing changed; \"migration\" is how it stands", e.migration()));
            }
        };
    }

    private Reply create(Request request) {
        JsonFields fields = request.fields("kind", "partition", "to", "options", "force");
        MigrationKind kind = MigrationKind.ofWord(fields.string("kind"))
                .orElseThrow(() -> ApiException.badRequest(
                        "\"kind\" is not known",
                        "give one of "
                                + Arrays.stream(MigrationKind.values())
                                        .map(MigrationKind::word)
                                        .collect(Collectors.joining(", "))));
        Optional<JsonFields> options = fields.optionalObject("options", OPTIONS);
        MigrationView migration = migrations.create(new MigrationRequest(
                kind,
                fields.string("partition"),
                fields.optionalString("to"),
                options.map(MigrationsResource::options).orElseGet(MigrationOptions::defaults),
                fields.optionalBoolean("force").orElse(false)));
        return Reply.created(MIGRATIONS + "/" + migration.id(), migration);
    }

    private static MigrationOptions options(JsonFields fields) {
        MigrationOptions defaults = MigrationOptions.defaults();
        String via = oneOf(fields, "via", defaults.via(), "storage", "network");
        requireOfItsWay(fields, via);
        // Over one connection, what is hot has no advantage in coming last: the baseline is as plain as it can be.
        String orderOut = via.equals("network") ? "address" : defaults.orderOut();
        return new MigrationOptions(
                fields.optionalWholeNumber("max-downtime-ms", "milliseconds", 1, MigrationOptions.MAX_DOWNTIME_MS)
                        .orElse(defaults.maxDowntimeMs()),
                fields.optionalWholeNumber("max-rounds", "rounds", 0, MigrationOptions.MAX_ROUNDS)
                        .orElse(defaults.maxRounds()),
                oneOf(fields, "at-bound", defaults.atBound(), "force", "abort"),
                via,
                oneOf(fields, "area", defaults.area(), MigrationOptions.OWN, MigrationOptions.SHARED),
                fields.optionalWholeNumber("streams", "connections", 1, MigrationOptions.MAX_STREAMS)
                        .orElse(defaults.streams()),
                optionalOneOf(fields, "path", "auto", "nbd", "direct"),
                oneOf(fields, "order-out", orderOut, ORDERS),
                oneOf(fields, "order-in", defaults.orderIn(), ORDERS));
    }

    // What would be passed over is refused: who asks for it expects something of it.
    private static void requireOfItsWay(JsonFields fields, String via) {
        boolean byNetwork = via.equals("network");
        if (!byNetwork && fields.has("streams")) {
            throw ApiException.badRequest(
                    "a migration by the storage has no streams", "give \"via\": network, or leave \"streams\" out");
        }
        if (byNetwork && fields.has("path")) {
            throw ApiException.badRequest(
                    "a migration by the network has no path to the storage",
                    "give \"path\" or \"via\": network, not both");
        }
    }

    private static Optional<String> optionalOneOf(JsonFields fields, String name, String... known) {
        Optional<String> value = fields.optionalString(name);
        if (value.filter(word -> !List.of(known).contains(word)).isPresent()) {
            throw ApiException.badRequest("\"" + name + "\" is not known", "give one of " + String.join(", ", known));
        }
        return value;
    }

    private static String oneOf(JsonFields fields, String name, String otherwise, String... known) {
        return optionalOneOf(fields, name, known).orElse(otherwise);
    }

    private Reply show(Request request) throws InterruptedException {
        LongPoll poll = LongPoll.of(request);
        return Reply.ok(migrations.migration(request.variable("id"), poll.after(), poll.waitMs()));
    }

    private Reply cancel(Request request) {
        return Reply.json(202, migrations.cancel(request.variable("id")));
    }

    private Reply report(Request request, Side side) {
        JsonFields fields = request.fields("state", "error", "progress", "timeline");
        List<TimelineStep> timeline = fields.objects("timeline", MAX_TIMELINE_STEPS, "step", "at-ns").stream()
                .map(step -> new TimelineStep(
                        step.string("step"),
                        side.word(),
                        step.wholeNumber("at-ns", "nanoseconds since 1970", 0, Long.MAX_VALUE)))
                .toList();
        return Reply.ok(migrations.report(
                request.variable("id"),
                side,
                AgentsResource.session(request),
                new Report(
                        fields.optionalString("state"),
                        fields.optionalString("error"),
                        fields.optionalFigures("progress"),
                        timeline)));
    }

    private Reply commit(Request request) {
        return Reply.ok(migrations.commit(
                request.variable("id"),
                AgentsResource.session(request),
                request.fields("lease-token").string("lease-token")));
    }

    record Listing(List<MigrationView> migrations) {}

    record Conflict(String error, String hint, MigrationView migration) {}
}
