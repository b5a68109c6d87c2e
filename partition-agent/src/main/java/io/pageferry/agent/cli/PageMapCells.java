package io.pageferry.agent.cli;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The map of a partition: a cell for so many pages, from the first on. */
final class PageMapCells {
    private static final int READ_WRITE = 1 << 4;
    private static final int DATA = 1 << 5;
    private static final int COLUMNS = 64;
    private static final int MAX_ROWS = 16;
    private static final String READ_ONLY_MARKS = ".:oO";
    private static final String READ_WRITE_MARKS = "-=%@";

    private final byte[] cells;
    private final long pagesPerCell;

    private PageMapCells(byte[] cells, long pagesPerCell) {
        this.cells = cells;
        this.pagesPerCell = pagesPerCell;
    }

    static PageMapCells of(JsonNode heat) {
        byte[] cells = Base64.getDecoder().decode(heat.path("cells").asString(""));
        return new PageMapCells(cells, heat.path("pages-per-cell").asLong(1));
    }

    int count() {
        return cells.length;
    }

    boolean hasData(int cell) {
        return (cells[cell] & DATA) != 0;
    }

    boolean isReadWrite(int cell) {
        return (cells[cell] & READ_WRITE) != 0;
    }

    /** How hot the hottest page is, from 0 (cold) to 3 (hot). */
    int heat(int cell) {
        return cells[cell] & 3;
    }

    /** The map in characters, each for several cells, and what they mean. */
    List<String> lines() {
        int perCharacter = Math.max(1, (cells.length + COLUMNS * MAX_ROWS - 1) / (COLUMNS * MAX_ROWS));
        StringBuilder marks = new StringBuilder();
        for (int first = 0; first < cells.length; first += perCharacter) {
            marks.append(mark(first, Math.min(cells.length, first + perCharacter)));
        }
        List<String> lines = new ArrayList<>();
        for (int at = 0; at < marks.length(); at += COLUMNS) {
            lines.add("|" + marks.substring(at, Math.min(marks.length(), at + COLUMNS)) + "|");
        }
        lines.add("a character: the hottest of " + perCharacter * pagesPerCell + " pages; cold to hot read-only "
                + READ_ONLY_MARKS + " read-write " + READ_WRITE_MARKS);
        return lines;
    }

    private char mark(int first, int end) {
        int hottest = -1;
        for (int cell = first; cell < end; cell++) {
            if (hasData(cell) && (hottest < 0 || rank(cell) > rank(hottest))) hottest = cell;
        }
        if (hottest < 0) return ' ';
        return (isReadWrite(hottest) ? READ_WRITE_MARKS : READ_ONLY_MARKS).charAt(heat(hottest));
    }

    private int rank(int cell) {
        return 2 * heat(cell) + (isReadWrite(cell) ? 1 : 0);
    }
}
