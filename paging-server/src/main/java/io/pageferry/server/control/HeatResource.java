package io.pageferry.server.control;

import io.pageferry.server.http.ApiException;
import io.pageferry.server.http.JsonFields;
import io.pageferry.server.http.Reply;
import io.pageferry.server.http.Request;
import io.pageferry.server.http.Resource;
import io.pageferry.server.http.Route;
import io.pageferry.server.migration.HeatView;
import io.pageferry.server.migration.MigrationService;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** How often the pages of a partition are used: agents report it, operators ask for it. */
final class HeatResource implements Resource {
    private static final long MAX_PAGES = 1L << 34;
    private static final int MAX_CELLS = 65_536;

    private final MigrationService migrations;

    HeatResource(MigrationService migrations) {
        this.migrations = migrations;
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.json("PUT", "/v1/agents/{name}/heat/{partition}", this::report),
                Route.get(
                        "/v1/partitions/{name}/heat", request -> Reply.ok(migrations.heat(request.variable("name")))));
    }

    private Reply report(Request request) {
        JsonFields fields = request.fields("page-count", "pages-per-cell", "counts", "cells");
        long pageCount = fields.wholeNumber("page-count", "pages", 1, MAX_PAGES);
        long pagesPerCell = fields.wholeNumber("pages-per-cell", "pages", 1, MAX_PAGES);
        String cells = fields.string("cells");
        requireCells(cells, (pageCount + pagesPerCell - 1) / pagesPerCell);
        String agent = request.variable("name");
        migrations.heat(
                agent,
                AgentsResource.session(request),
                new HeatView(
                        request.variable("partition"),
                        agent,
                        Instant.now(),
                        pageCount,
                        pagesPerCell,
                        fields.optionalFigures("counts").orElse(Map.of()),
                        cells));
        return Reply.noContent();
    }

    private static void requireCells(String cells, long count) {
        try {
            if (count <= MAX_CELLS && Base64.getDecoder().decode(cells).length == count) return;
        } catch (IllegalArgumentException notBase64) {
            throw ApiException.badRequest("\"cells\" is not Base64", "encode one byte a cell");
        }
        throw ApiException.badRequest("\"cells\" has not one byte a cell", "give " + count + ", at most " + MAX_CELLS);
    }
}
