package io.pageferry.pager;

import io.pageferry.page.PageRange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The pages that threads of the program wait for. Thread-safe; nothing here waits or calls out.
 *
 * <p>Invariant: a page is filled by one answer only. An answer claims the pages it is for, and while a page is claimed, or
 * is not in flight at all, every other answer for it is dropped.
 */
final class InFlightPages {
    private enum State {
        REQUESTED,
        BACKING_OFF,
        FILLING,
        STUCK
    }

    private record Waiter(int threadId, long sinceNs) {}

    private static final class Page {
        State state = State.REQUESTED;
        int failedRequests;
        final List<Waiter> waiters = new ArrayList<>(1);
    }

    private final Map<Long, Page> pages = new HashMap<>();
    private final FaultTimes times = new FaultTimes();
    private long faults;
    private long joined;
    private long waiting;
    private long stuck;
    private long failedFetches;
    private long strayAnswers;

    /** Notes a fault; true if its page has to be requested, false if it is on its way already. */
    synchronized boolean join(long pageIndex, int threadId, long nowNs) {
        Page page = pages.get(pageIndex);
        boolean isNew = page == null;
        if (page == null) {
            page = new Page();
            pages.put(pageIndex, page);
        }
        // A signal makes a waiting thread fault again: that is the same wait, not another one.
        if (!isNew && page.waiters.stream().anyMatch(waiter -> waiter.threadId == threadId)) return false;
        page.waiters.add(new Waiter(threadId, nowNs));
        faults++;
        waiting++;
        if (!isNew) joined++;
        return isNew;
    }

    /** Reserves the pages of an answer that are waited for, as runs. The rest is dropped. */
    synchronized List<PageRange> claim(PageRange answered) {
        List<PageRange> claimed = runs(answered, pageIndex -> {
            Page page = pages.get(pageIndex);
            if (page == null || page.state == State.FILLING) return false;
            leaveStuck(page);
            page.state = State.FILLING;
            return true;
        });
        long claimedPages = 0;
        for (PageRange run : claimed) claimedPages += run.pageCount();
        strayAnswers += answered.pageCount() - claimedPages;
        return claimed;
    }

    /** Gives back pages that were claimed and could not be filled, as if they were requested just now. */
    synchronized void unclaim(PageRange claimed) {
        for (long pageIndex = claimed.firstPage(); pageIndex < claimed.end(); pageIndex++) {
            Page page = pages.get(pageIndex);
            if (page != null && page.state == State.FILLING) page.state = State.REQUESTED;
        }
    }

    /** Notes that pages are there, whoever filled them: their threads run. */
    synchronized void resolved(long firstPage, long pageCount, long nowNs) {
        if (pages.isEmpty()) return;
        for (long pageIndex = firstPage; pageIndex < firstPage + pageCount; pageIndex++) {
            Page page = pages.remove(pageIndex);
            if (page == null) continue;
            leaveStuck(page);
            waiting -= page.waiters.size();
            for (Waiter waiter : page.waiters) times.resolved(waiter.threadId, nowNs - waiter.sinceNs);
        }
    }

    /** Notes requests that failed; returns the pages to be requested again after a delay, by their number of failures. */
    synchronized Map<Integer, List<PageRange>> failed(PageRange range, int maxRequests) {
        Map<Integer, List<PageRange>> again = new HashMap<>();
        for (int failures = 1; failures < maxRequests; failures++) {
            List<PageRange> runs = failed(range, failures, State.BACKING_OFF);
            if (!runs.isEmpty()) again.put(failures, runs);
        }
        return again;
    }

    /** Notes requests that failed once too often; returns the pages that are stuck from now on. */
    synchronized List<PageRange> stuck(PageRange range, int maxRequests) {
        List<PageRange> runs = failed(range, maxRequests, State.STUCK);
        for (PageRange run : runs) stuck += run.pageCount();
        return runs;
    }

    private List<PageRange> failed(PageRange range, int failures, State next) {
        return runs(range, pageIndex -> {
            Page page = pages.get(pageIndex);
            if (page == null || page.state != State.REQUESTED || page.failedRequests != failures - 1) return false;
            page.failedRequests = failures;
            page.state = next;
            failedFetches++;
            return true;
        });
    }

    /** The pages of a range whose delay is over, now requested again; some may have been resolved since. */
    synchronized List<PageRange> requestAgain(PageRange range) {
        return runs(range, pageIndex -> backTo(pages.get(pageIndex), State.BACKING_OFF));
    }

    /** All stuck pages, now requested again with a fresh count of failures. */
    synchronized List<PageRange> requestStuck() {
        List<PageRange> runs = new ArrayList<>();
        for (Map.Entry<Long, Page> entry : pages.entrySet()) {
            if (!backTo(entry.getValue(), State.STUCK)) continue;
            entry.getValue().failedRequests = 0;
            runs.add(new PageRange(entry.getKey(), 1));
        }
        return runs;
    }

    private boolean backTo(@Nullable Page page, State from) {
        if (page == null || page.state != from) return false;
        leaveStuck(page);
        page.state = State.REQUESTED;
        return true;
    }

    private void leaveStuck(Page page) {
        if (page.state == State.STUCK) stuck--;
    }

    private static List<PageRange> runs(PageRange range, LongPredicate in) {
        List<PageRange> runs = new ArrayList<>(1);
        long first = -1;
        for (long pageIndex = range.firstPage(); pageIndex < range.end(); pageIndex++) {
            boolean isIn = in.test(pageIndex);
            if (isIn && first < 0) first = pageIndex;
            if (!isIn && first >= 0) {
                runs.add(PageRange.between(first, pageIndex));
                first = -1;
            }
        }
        if (first >= 0) runs.add(PageRange.between(first, range.end()));
        return runs;
    }

    synchronized FaultStats stats(UserfaultFiller filler) {
        return new FaultStats(
                faults,
                joined,
                times.resolvedCount(),
                waiting,
                stuck,
                failedFetches,
                strayAnswers,
                filler.callCount(),
                filler.alreadyPresentCount(),
                filler.retryCount(),
                times.percentileNs(50),
                times.percentileNs(99),
                times.maxNs(),
                times.blockedNs());
    }
}
