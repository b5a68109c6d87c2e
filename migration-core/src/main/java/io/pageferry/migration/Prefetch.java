package io.pageferry.migration;

import io.pageferry.copy.CopyTuning;
import io.pageferry.heat.HeatMap;
import io.pageferry.heat.Order;
import io.pageferry.heat.PageQueue;
import io.pageferry.linux.Descriptor;
import io.pageferry.linux.LinuxException;
import io.pageferry.manifest.Manifest;
import io.pageferry.manifest.SpaceLayout;
import io.pageferry.page.PageRange;
import io.pageferry.page.PageSet;
import io.pageferry.pager.WaitingMemory;
import io.pageferry.path.PagePathIn;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Fetches what is out already, straight into the memory of a program that waits, and fetches again what is rewritten; the
 * same for the manifest. One thread uses it.
 *
 * <p>Invariant: a page is held only if no question that was asked after its fetch began has reported it as changed.
 */
final class Prefetch {
    /** What the program wrote last it needs first: so much of it is worth waiting for, 1 MiB. */
    private static final int MAX_LAST_PAGES = 256;
    /** What is hot it needs at once, and by rank little else is left to wait for: 2 MiB. */
    private static final int MAX_HOT_PAGES = 512;

    /**
     * As much by a path that {@linkplain #catchesUp catches up}, 128 MiB: what is stale has to be fetched or dropped, and since dropping
     * it goes page by page out of huge pages, the program is back sooner if it is fetched, and then misses nothing at all. Its memory
     * stays in huge pages, too: in small ones the next migration may take ten times as long.
     */
    private static final int MAX_LAST_PAGES_AT_ONCE = 32_768;

    /**
     * Of how many pages an extent must have content to be gathered: what of a huge page holds nothing is memory for nothing.
     */
    private static final int WORTH_GATHERING = WaitingMemory.EXTENT_PAGES * 7 / 8;

    private static final long ASK_AGAIN_NS = 100_000_000;
    /**
     * So long the source waits for what its target still lacks: this, or so much a page. A program that goes on without all of its pages
     * has page-table entries of all of them made and swept afterwards, which takes longer.
     */
    private static final long LEVEL_WITHIN_NS = 100_000_000;

    private static final long LEVEL_WITHIN_NS_A_PAGE = 2_000;

    private final PagePathIn path;
    private final WaitingMemory memory;
    private final GrowingExtents growing;
    private final Landing landing;
    private final Manifest manifest;
    private final SpaceLayout layout;
    private final Order order;
    private final HeatMap heat;
    private final PageSet held;
    private final PageSet stale;
    private final PageSet staleManifest;
    private final PageSet touched;
    /** Pages whose frame was given back since they were last fetched. */
    private final PageSet dropped;

    private final PageSet lastChanged;
    private final BridgedPages bridged;
    private final ManifestComparison comparison;
    private final Transfers transfers = new Transfers();
    private final PrefetchRuns runs;
    private final Progress progress;
    /** Once all is out that is verified, what is used most comes first; before, long runs do. */
    private boolean byRank;

    private final FetchPace pace = new FetchPace();

    /**
     * @param memfd the memory of the program that waits
     * @param memory the same, as it is filled
     * @param order whether what is hot by the manifest is fetched before the program goes on
     */
    Prefetch(
            PagePathIn path,
            Descriptor memfd,
            WaitingMemory memory,
            Manifest manifest,
            Order order,
            Progress progress) {
        this.path = path;
        this.manifest = manifest;
        this.layout = manifest.layout();
        this.order = order;
        this.heat = new HeatMap(layout.pageCount());
        this.held = new PageSet(layout.pageCount());
        this.stale = new PageSet(layout.pageCount());
        this.touched = new PageSet(layout.pageCount());
        this.dropped = new PageSet(layout.pageCount());
        this.lastChanged = new PageSet(layout.pageCount());
        this.staleManifest = new PageSet(layout.manifestBytes() / SpaceLayout.PAGE_BYTES);
        this.memory = memory;
        this.growing = new GrowingExtents(layout.pageCount());
        boolean byBuffer = path.isImmediate() && CopyTuning.here().landsByBuffer();
        this.landing = new Landing(
                memfd,
                memory,
                path.isInPlace() ? path::checksumInPlace : null,
                byBuffer,
                layout.pageCount(),
                PrefetchRuns.MAX_PAGES);
        this.bridged = new BridgedPages(layout.pageCount(), landing::checksum);
        this.comparison = new ManifestComparison(manifest, landing::checksum);
        this.runs = new PrefetchRuns(path);
        this.progress = progress;
    }

    /** Asks the space what changed; nothing of that is held from now on. Returns how many pages are to be fetched. */
    long ask() {
        lastChanged.clear();
        path.changed((offset, length, hole) -> {
            long first = offset / SpaceLayout.PAGE_BYTES;
            long end = (offset + length + SpaceLayout.PAGE_BYTES - 1) / SpaceLayout.PAGE_BYTES;
            long dataEnd = Math.min(end, layout.pageCount());
            if (first < dataEnd) noteChanged(first, dataEnd, hole);
            long manifestFirst = Math.max(first, layout.pageCount()) - layout.pageCount();
            if (end > layout.pageCount())
                staleManifest.addRange(manifestFirst, end - layout.pageCount() - manifestFirst);
        });
        return stale.size();
    }

    private void noteChanged(long first, long end, boolean hole) {
        held.removeRange(first, end - first);
        if (hole) {
            stale.removeRange(first, end - first);
            return;
        }
        stale.addRange(first, end - first);
        lastChanged.addRange(first, end - first);
        growing.grown(first, end, System.nanoTime());
    }

    /**
     * Fetches stale pages until none is left, it is time to ask again, or {@code stop} says so; returns when no read is under
     * way. What changed last comes first: the source sends last what it writes most, and that the program needs first. The others
     * come by address, in long runs, until the source has sent all that is verified: one by one the hot pages hold up all others.
     * From then on they come by rank.
     *
     * @param patient leaves extents alone for a moment that the source is about to complete
     * @return whether anything was fetched
     */
    boolean fetchPages(boolean patient, BooleanSupplier stop) {
        long startedNs = System.nanoTime();
        BooleanSupplier enough = () -> System.nanoTime() - startedNs > ASK_AGAIN_NS || stop.getAsBoolean();
        long before = progress.get("prefetched-pages");
        fetch(lastChanged, patient, enough);
        if (byRank) fetchByRank(stale, Long.MAX_VALUE, enough);
        else fetch(stale, patient, enough);
        transfers.await();
        long fetched = progress.get("prefetched-pages") - before;
        // Should it break, its pace tells nothing of the one that takes its place.
        if (!path.isImmediate()) pace.came(fetched, System.nanoTime() - startedNs);
        return fetched > 0;
    }

    /**
     * Whether what is stale can be fetched in a moment, so that it need not be dropped: by a path that answers at once, or at the pace
     * of this arrival so far.
     */
    boolean catchesUp() {
        return path.isImmediate() || pace.bringsSoon(stale.size());
    }

    /** Fetches those of these pages that come first, so many about. No extent is gathered for them: most of it may not come. */
    private void fetchByRank(PageSet pages, long maxPages, BooleanSupplier stop) {
        PageQueue queue = new PageQueue(order, heat, page -> false, pages);
        for (long left = maxPages; left > 0 && !queue.isEmpty() && !stop.getAsBoolean(); ) {
            PageRange run = queue.takeRun(Math.min(left, runs.maxPages()), runs.maxGapPages())
                    .orElseThrow();
            fetchOverGaps(run);
            left -= run.pageCount();
        }
    }

    /** Fetches what is used most until {@code stop} says so, if that is known; returns when no read is under way. */
    void fetchMostUsed(BooleanSupplier stop) {
        if (byRank) fetchByRank(stale, Long.MAX_VALUE, stop);
        transfers.await();
    }

    /**
     * Gives back the frames of what is stale and will not be fetched before the program goes on, so that it need not be done while
     * the program stands still. No read is under way.
     *
     * <p>Invariant: a page whose frame is given back is not held, so it is missing until it is fetched again.
     */
    void dropStale() {
        PageSet unfit = filled();
        unfit.retainAll(stale);
        if (unfit.size() <= MAX_LAST_PAGES) return;
        PageSet gone = memory.drop(unfit);
        // Of what has gone along with its extent.
        PageSet lost = gone.copy();
        lost.retainAll(held);
        stale.addAll(lost);
        held.removeAll(gone);
        dropped.addAll(gone);
        progress.add("dropped-early-pages", gone.size());
    }

    /** Whether nothing that was reported is still to be fetched. */
    boolean isLevel() {
        return stale.isEmpty();
    }

    /** Fetches all that is stale. */
    void fetchAll() {
        do fetchPages(false, () -> false);
        while (!stale.isEmpty());
    }

    private void fetch(PageSet pages, boolean patient, BooleanSupplier enough) {
        for (long first = pages.nextPresent(0); first < layout.pageCount(); first = pages.nextPresent(first)) {
            if (enough.getAsBoolean()) return;
            long extentEnd = growing.end(first);
            boolean full = path.isInPlace() || isFull(first);
            boolean later = !full && patient && growing.isGrowing(first, System.nanoTime());
            if (later) {
                first = extentEnd;
                continue;
            }
            long end = runs.end(pages, first, extentEnd);
            fetchOverGaps(PageRange.between(first, end));
            first = end;
        }
    }

    /** Fetches a run that may reach into the next extent, and notes what in it was not reported. */
    private void fetchOverGaps(PageRange run) {
        bridged.fetching(run, stale);
        long extentEnd = Math.min(run.end(), growing.end(run.firstPage()));
        fetch(run.firstPage(), extentEnd);
        if (extentEnd < run.end()) fetch(extentEnd, run.end());
    }

    /** Whether the extent with this page is gathered, or has content enough to be, which is done then. */
    private boolean isFull(long pageIndex) {
        if (memory.isGathered(pageIndex)) return true;
        long first = pageIndex - pageIndex % WaitingMemory.EXTENT_PAGES;
        if (stale.sizeWithin(first, growing.end(first) - first) < WORTH_GATHERING) return false;
        memory.gather(pageIndex);
        // Those of its pages that had been dropped have a frame again.
        dropped.removeRange(first, growing.end(first) - first);
        return true;
    }

    private void fetch(long first, long end) {
        stale.removeRange(first, end - first);
        lastChanged.removeRange(first, end - first);
        held.addRange(first, end - first);
        touched.addRange(first, end - first);
        dropped.removeRange(first, end - first);
        comparison.fetching(first, end - first);
        progress.add("prefetched-pages", end - first);
        transfers.begin(runs.maxUnderWay(end - first));
        Landing.Place place = landing.take(first, end - first);
        if (path.isInPlace()) {
            landed(place, null);
            return;
        }
        path.read(layout.pageOffset(first), place.content(), failure -> landed(place, failure));
    }

    private void landed(Landing.Place place, @Nullable Throwable failure) {
        Throwable failed = failure;
        try {
            if (failed == null) landing.put(place);
        } catch (LinuxException noRoom) {
            failed = noRoom;
        }
        landing.giveBack(place);
        transfers.ended(failed);
    }

    /** Fetches the changed parts of the manifest; returns when they are here. */
    void fetchManifest() {
        requestManifest();
        transfers.await();
        if (order == Order.ADDRESS) return;
        heat.learn(manifest.heats());
    }

    /**
     * While the source writes nothing: compares all that is held with the manifest, fetches again what does not match, and goes on
     * to fetch what is out for a moment.
     *
     * @param stop ends the last of these early
     * @throws CorruptPageException if a page does not match when it is fetched again either
     */
    void verify(BooleanSupplier stop) {
        long endNs = System.nanoTime() + Math.max(LEVEL_WITHIN_NS, layout.pageCount() * LEVEL_WITHIN_NS_A_PAGE);
        ask();
        fetchManifest();
        byRank = order != Order.ADDRESS && !path.isInPlace();
        // What is in place already takes no longer than looking at it, and what is not looked at would be lost.
        BooleanSupplier enough = path.isInPlace() ? stop : () -> stop.getAsBoolean() || System.nanoTime() > endNs;
        while (!isLevel() && !enough.getAsBoolean()) {
            fetchPages(false, enough);
        }
        comparison.compareAhead(held);
        PageSet damaged = comparison.damaged(mismatches());
        if (damaged.isEmpty()) return;
        fetch(damaged, false, () -> false);
        transfers.await();
        PageSet stillDamaged = comparison.damaged(mismatches());
        stillDamaged.retainAll(damaged);
        if (!stillDamaged.isEmpty()) throw new CorruptPageException(stillDamaged.nextPresent(0));
    }

    /** Compares what is held with what the manifest says by now, so that little is left to compare while the program stands still. */
    void compareAhead() {
        comparison.compareAhead(held);
    }

    /** The pages that are held and not what the manifest says. */
    PageSet mismatches() {
        return comparison.mismatches(held);
    }

    /**
     * Once nothing changes any more: fetches what the source sent last, as far as that is little, what else is hot, up to the
     * same bound, and the manifest; returns when they are here.
     *
     * @param prefetches whether anything was to be fetched before the commit: else all is stale, and the program does not wait for it
     */
    void fetchLast(boolean prefetches) {
        ask();
        // Without it all pages look alike, and there was no time to look at it before.
        if (order != Order.ADDRESS && !heat.isKnown()) fetchManifest();
        else requestManifest();
        boolean atOnce = prefetches && stale.size() <= MAX_LAST_PAGES_AT_ONCE && catchesUp();
        boolean hasTime = !atOnce || path.isImmediate();
        // Should the path break meanwhile, the rest is too much for the one that takes its place.
        if (atOnce) fetch(stale, false, hasTime ? () -> !path.isImmediate() : FetchPace.notSoon());
        if (hasTime && !stale.isEmpty()) fetchLastAndHot();
        transfers.await();
    }

    private void fetchLastAndHot() {
        PageSet last = order == Order.ADDRESS ? new PageSet(layout.pageCount()) : stale.copy();
        if (lastChanged.size() <= MAX_LAST_PAGES) last.addAll(lastChanged);
        fetchByRank(last, MAX_HOT_PAGES, () -> false);
    }

    private void requestManifest() {
        staleManifest.forEachRange((first, count) -> {
            long at = first * SpaceLayout.PAGE_BYTES;
            comparison.fetchingManifest(at, count * SpaceLayout.PAGE_BYTES);
            transfers.begin();
            path.read(
                    layout.manifestOffset() + at,
                    manifest.bytes().asSlice(at, count * SpaceLayout.PAGE_BYTES),
                    transfers::ended);
        });
        staleManifest.clear();
    }

    /** What the manifest tells of the pages' heat, as far as it was looked at. */
    HeatMap heat() {
        return heat;
    }

    /** The pages that were fetched and not reported as changed since. */
    PageSet held() {
        return held;
    }

    /** The pages that came along with their neighbours and hold zeroes. */
    PageSet bridgedZeroes() {
        return bridged.zeroes(held);
    }

    /** Every page that was ever fetched, so that the memory may hold something of it. */
    PageSet touched() {
        return touched;
    }

    /** Every page that has a frame by now: that was ever fetched, or was allocated with its extent and holds zeroes. */
    PageSet filled() {
        PageSet filled = path.isInPlace() ? memory.resident() : memory.allocated();
        filled.addAll(touched);
        filled.removeAll(dropped);
        return filled;
    }

    /** Where the pages are fetched to. */
    WaitingMemory memory() {
        return memory;
    }
}
