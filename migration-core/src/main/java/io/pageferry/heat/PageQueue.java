package io.pageferry.heat;

import io.pageferry.page.PageRange;
import io.pageferry.page.PageRangeVisitor;
import io.pageferry.page.PageSet;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongPredicate;

/**
 * Pages that are to go, group by group, each group by address. a byte a page, and a bit a page and group. Not thread-safe.
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
    private final long[] sizes;
    private final byte[] groupOf;
    private final int putOffGroups;

    /**
     * Ranks pages among each other.
     *
     * @param declaredReadOnly whether the program has declared a page read-only
     */
    public PageQueue(Order order, HeatMap heat, LongPredicate declaredReadOnly, PageSet pages) {
        this(order, order.rank(heat, pages), declaredReadOnly, pages);
    }

    /** Ranks pages by a ranking of this order, which may have been made for more pages. */
    public PageQueue(Order order, Ranking ranking, LongPredicate declaredReadOnly, PageSet pages) {
        this.ranking = ranking;
        this.putOffGroups = order.putOffGroups();
        this.declaredReadOnly = declaredReadOnly;
        this.groups = new PageSet[order.groupCount() + 1];
        this.cursors = new long[groups.length];
        this.sizes = new long[groups.length];
        Arrays.setAll(groups, group -> new PageSet(pages.pageCount()));
        this.groupOf = new byte[Math.toIntExact(pages.pageCount())];
        Arrays.fill(groupOf, (byte) NOT_QUEUED);
        pages.forEachRange((first, count) -> {
            for (long page = first; page < first + count; page++) put(page, group(page));
        });
    }

    /** How many pages are still to go. */
    public long size() {
        return Arrays.stream(sizes).sum();
    }

    public boolean isEmpty() {
        return size() == 0;
    }

    /** How many pages are still to go that may be put off until shortly before the switchover; they are the last. */
    public long putOff() {
        return sizeOfLast(putOffGroups);
    }

    /** How many of them may be put off until the program has come to rest; they are the very last. */
    public long putOffToTheEnd() {
        return sizeOfLast(Math.min(1, putOffGroups));
    }

    private long sizeOfLast(int count) {
        return Arrays.stream(sizes, sizes.length - count, sizes.length).sum();
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
        for (long left = Math.min(maxPages, size()); left > 0; ) {
            PageRange run = takeRun(left).orElseThrow();
            visitor.range(run.firstPage(), run.pageCount());
            left -= run.pageCount();
        }
    }

    /** Hands out the next neighbours, so many at the most; empty at the end. */
    public Optional<PageRange> takeRun(long maxPages) {
        return takeRun(maxPages, 0);
    }

    /**
     * As {@link #takeRun(long)}, where a run goes on over gaps of so many pages that are not of its group: those that would go later go
     * with it, and others are not in this queue. Whoever takes the run must tell the latter apart.
     */
    public Optional<PageRange> takeRun(long maxPages, long maxGap) {
        for (int index = 0; index < groups.length; index++) {
            PageSet group = groups[index];
            long first = group.nextPresent(cursors[index]);
            if (first == group.pageCount()) {
                cursors[index] = first;
                continue;
            }
            long end = takeUpTo(index, first, first + maxPages);
            for (long next = group.nextPresent(end);
                    next - end <= maxGap && next < Math.min(first + maxPages, group.pageCount());
                    next = group.nextPresent(end)) {
                takeGap(end, next);
                end = takeUpTo(index, next, first + maxPages);
            }
            cursors[index] = end;
            return Optional.of(PageRange.between(first, end));
        }
        return Optional.empty();
    }

    private void takeGap(long first, long end) {
        for (long page = first; page < end; page++) {
            int group = groupOf[(int) page];
            if (group != NOT_QUEUED) takeUpTo(group, page, page + 1);
        }
    }

    /** Takes neighbours from a group, up to a page at the most; returns the page after them. */
    private long takeUpTo(int index, long first, long maxEnd) {
        long end = Math.min(groups[index].nextAbsent(first), maxEnd);
        groups[index].removeRange(first, end - first);
        Arrays.fill(groupOf, (int) first, (int) end, (byte) NOT_QUEUED);
        sizes[index] -= end - first;
        return end;
    }

    /** Ranks pages anew that are still to go and were seen since: what has become hot moves, with those that are ranked with it. */
    public void rerank(PageSet seen) {
        ranking.learn(seen).forEachRange((first, count) -> {
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
        sizes[before]--;
        put(page, group);
    }

    private void put(long page, int group) {
        groups[group].add(page);
        sizes[group]++;
        groupOf[(int) page] = (byte) group;
        cursors[group] = Math.min(cursors[group], page);
    }

    private int group(long page) {
        return 1 + ranking.group(declaredReadOnly.test(page), page);
    }
}
