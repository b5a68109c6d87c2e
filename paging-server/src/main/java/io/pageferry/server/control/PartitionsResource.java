package io.pageferry.server.control;

import io.pageferry.server.http.Reply;
import io.pageferry.server.http.Request;
import io.pageferry.server.http.Resource;
import io.pageferry.server.http.Route;
import io.pageferry.server.migration.MigrationService;
import io.pageferry.server.migration.PartitionView;
import java.util.List;

/** Partitions: who owns which, and where requests go. */
final class PartitionsResource implements Resource {
    private static final String PARTITIONS = "/v1/partitions";

    private final MigrationService migrations;

    PartitionsResource(MigrationService migrations) {
        this.migrations = migrations;
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.get(PARTITIONS, request -> Reply.ok(new Listing(migrations.partitions()))),
                Route.get(PARTITIONS + "/{name}", this::partition)
                        .withQuery(LongPoll.AFTER, LongPoll.WAIT_MS)
                        .waiting());
    }

    private Reply partition(Request request) throws InterruptedException {
        LongPoll poll = LongPoll.of(request);
        return Reply.ok(migrations.partition(request.variable("name"), poll.after(), poll.waitMs()));
    }

    record Listing(List<PartitionView> partitions) {}
}
