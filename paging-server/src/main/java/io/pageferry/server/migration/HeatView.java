package io.pageferry.server.migration;

import java.time.Instant;
import java.util.Map;

/**
 * A partition's heat as its agent has reported it.
 *
 * @param counts pages by access type and class
 * @param cells a map in Base64, a byte for so many pages: bits 0-1 the hottest use, 2-3 the hottest writes, 4 whether a page is
 *     read-write, 5 whether one holds data
 */
public record HeatView(
        String partition,
        String agent,
        Instant reported,
        long pageCount,
        long pagesPerCell,
        Map<String, Object> counts,
        String cells) {}
