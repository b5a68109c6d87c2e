package io.pageferry.heat;

import io.pageferry.page.PageRange;
import io.pageferry.page.PageRangeVisitor;
import io.pageferry.page.PageSet;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongPredicate;

/**
 * Pages that are to go, group by group, each group by address. 33 bits a page and group at the most. Not thread-safe.
 *
 * <p>Invariant: each page that was put in is handed out exactly once, however often it moves before.
 */
public final class PageQueue {
    private static final int NOT_QUEUED = -1;
    /** Before all groups of the order. */
    private static final int URGENT = 0;

    private final Ranking ranking;
    private final LongPredicate declaredReadOnly;
    private final PageSet[] groups;
    private final long[] cursors;
    private final byte[] groupOf;
    private long size;

    /**
     * Ranks pages.
     *
     * @param declaredReadOnly whether the program has declared a page read-only
     */
    public PageQueue(Order order, HeatMap heat, LongPredicate declaredReadOnly, PageSet pages) {
        this.ranking = order.rank(heat, pages);
        this.declaredReadOnly = declaredReadOnly;
        this.groups = new PageSet[order.groupCount() + 1];
        this.cursors = new long[groups.length];
        Arrays.setAll(groups, group -> new PageSet(pages.pageCount()));
        this.groupOf = new byte[Math.toIntExact(pages.pageCount())];
        Arrays.fill(groupOf, (byte) NOT_QUEUED);
        pages.forEachRange((first, count) -> {
            for (long page = first; page < first + count; page++) put(page, group(page));
        });
        this.size = pages.size();
    }

    /** How many pages are still to go. */
    public long size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    public boolean contains(long pageIndex) {
        return groupOf[(int) pageIndex] != NOT_QUEUED;
    }

    /** The pages that are still to go. */
    public PageSet pages() {
        PageSet pages = new PageSet(groupOf.length);
        for (PageSet group : groups) pages.addAll(group);
        return pages;
    }

    /** Hands out the next pages, so many at the most, as ranges of neighbours. */
    public void take(long maxPages, PageRangeVisitor visitor) {
        for (long left = Math.min(maxPages, size); left > 0; ) {
            PageRange run = takeRun(left).orElseThrow();
            visitor.range(run.firstPage(), run.pageCount());
            left -= run.pageCount();
        }
    }

    /** Hands out the next neighbours, so many at the most; empty at the end. */
    public Optional<PageRange> takeRun(long maxPages) {
        for (int index = 0; index < groups.length && size > 0; index++) {
            PageSet group = groups[index];
            long first = group.nextPresent(cursors[index]);
            if (first == group.pageCount()) {
                cursors[index] = first;
                continue;
            }
            long end = Math.min(group.nextAbsent(first), first + maxPages);
            group.removeRange(first, end - first);
            Arrays.fill(groupOf, (int) first, (int) end, (byte) NOT_QUEUED);
            cursors[index] = end;
            size -= end - first;
            return Optional.of(PageRange.between(first, end));
        }
        return Optional.empty();
    }

    /** Ranks pages anew that are still to go and were seen since: what has become hot moves. */
    public void rerank(PageSet seen) {
        seen.forEachRange((first, count) -> {
            for (long page = first; page < first + count; page++) {
                if (groupOf[(int) page] > URGENT) move(page, group(page));
            }
        });
    }

    /** Puts those of a range that are still to go before all others. */
    public void putFirst(PageRange range) {
        long end = Math.min(range.end(), groupOf.length);
        for (long page = range.firstPage(); page < end; page++) {
            if (contains(page)) move(page, URGENT);
        }
    }

    private void move(long page, int group) {
        int before = groupOf[(int) page];
        if (before == group) return;
        groups[before].remove(page);
        put(page, group);
    }

    private void put(long page, int group) {
        groups[group].add(page);
        groupOf[(int) page] = (byte) group;
        cursors[group] = Math.min(cursors[group], page);
    }

    private int group(long page) {
        return 1 + ranking.group(declaredReadOnly.test(page), page);
    }
}
