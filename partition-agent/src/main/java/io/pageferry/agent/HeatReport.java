package io.pageferry.agent;

import io.pageferry.heat.HeatClass;
import io.pageferry.heat.HeatMap;
import io.pageferry.heat.PartitionHeat;
import io.pageferry.page.PageSet;
import io.pageferry.pager.ResidentPages;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the server is told of a partition's heat: how many pages each class has, and a map of at most {@link #MAX_CELLS} cells,
 * a byte each: bits 0-1 the hottest use, 2-3 the hottest writes, 4 whether a page of it is read-write, 5 whether one holds data.
 */
final class HeatReport {
    static final int MAX_CELLS = 65_536;

    private static final int READ_WRITE = 1 << 4;
    private static final int DATA = 1 << 5;
    private static final int USE_MASK = 3;
    private static final int WRITES_MASK = 3 << 2;

    private final HeatMap heat;
    private final PartitionHeat partition;
    private final PageSet resident;
    private final long[] readOnly = new long[HeatClass.COUNT];
    private final long[] readWrite = new long[HeatClass.COUNT];

    private HeatReport(PartitionHeat partition, PageSet resident) {
        this.heat = partition.map();
        this.partition = partition;
        this.resident = resident;
    }

    /** The body of the report. */
    static Map<String, Object> of(HostedPartition hosted) {
        long pageCount = hosted.attached().pageCount();
        PageSet resident =
                ResidentPages.of(hosted.attached().memory(), pageCount).snapshot();
        return new HeatReport(hosted.heat(), resident).build();
    }

    private Map<String, Object> build() {
        long pagesPerCell = (heat.pageCount() + MAX_CELLS - 1) / MAX_CELLS;
        byte[] cells = new byte[Math.toIntExact((heat.pageCount() + pagesPerCell - 1) / pagesPerCell)];
        byte[] codes = heat.codes();
        resident.forEachRange((first, count) -> {
            for (long page = first; page < first + count; page++) {
                int at = (int) (page / pagesPerCell);
                cells[at] = (byte) merge(cells[at], cell(page, codes[(int) page]));
            }
        });
        Map<String, Object> counts = new LinkedHashMap<>();
        counts.put("read-only", byClass(readOnly));
        counts.put("read-write", byClass(readWrite));
        counts.put("holes", heat.pageCount() - resident.size());
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("page-count", heat.pageCount());
        body.put("pages-per-cell", pagesPerCell);
        body.put("counts", counts);
        body.put("cells", Base64.getEncoder().encodeToString(cells));
        return body;
    }

    private int cell(long page, byte code) {
        boolean isReadOnly = partition.isDeclaredReadOnly(page) || heat.isObservedReadOnly(page);
        (isReadOnly ? readOnly : readWrite)[HeatMap.useCode(code)]++;
        return code | DATA | (isReadOnly ? 0 : READ_WRITE);
    }

    private static int merge(int cell, int page) {
        int use = Math.max(cell & USE_MASK, page & USE_MASK);
        int writes = Math.max(cell & WRITES_MASK, page & WRITES_MASK);
        return use | writes | ((cell | page) & (READ_WRITE | DATA));
    }

    private static Map<String, Object> byClass(long[] counts) {
        Map<String, Object> byClass = new LinkedHashMap<>();
        for (HeatClass each : HeatClass.values()) byClass.put(each.word(), counts[each.code()]);
        return byClass;
    }
}
