package io.pageferry.migration;

import io.pageferry.heat.HeatClass;
import io.pageferry.heat.HeatMap;
import io.pageferry.heat.Order;
import io.pageferry.heat.PageQueue;
import io.pageferry.linux.Descriptor;
import io.pageferry.linux.LinuxException;
import io.pageferry.manifest.Manifest;
import io.pageferry.manifest.SpaceLayout;
import io.pageferry.page.PageSet;
import io.pageferry.path.PagePathIn;
import java.lang.foreign.MemorySegment;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Fetches what is out already, straight into the memory of a program that waits, and fetches again what is rewritten; the
 * same for the manifest. One thread uses it.
 *
 * <p>Invariant: a page is held only if no question that was asked after its fetch began has reported it as changed.
 */
final class Prefetch {
    private static final int RUN_PAGES = 128;
    /** At the commit the program waits until what is under way has come, so that is little: 4 MiB. */
    private static final int MAX_RUNS_UNDER_WAY = 8;
    /** Short runs wait for the way there and back, not for the data, so more of them are under way: 4 MiB again. */
    private static final int SHORT_RUN_PAGES = 16;

    private static final int MAX_SHORT_RUNS_UNDER_WAY = 64;
    /** What the program wrote last it needs first: so much of it is worth waiting for, 1 MiB. */
    private static final int MAX_LAST_PAGES = 256;
    /** What is hot it needs at once, and by rank little else is left to wait for: 2 MiB. */
    private static final int MAX_HOT_PAGES = 512;

    /** As much by a path that answers at once, 8 MiB: a few milliseconds, and often the program then misses nothing at all. */
    private static final int MAX_LAST_PAGES_AT_ONCE = 2048;

    private static final long ASK_AGAIN_NS = 100_000_000;

    private final PagePathIn path;
    private final Landing landing;
    private final Manifest manifest;
    private final SpaceLayout layout;
    private final Order order;
    private final HeatMap heat;
    private final PageSet held;
    private final PageSet stale;
    private final PageSet staleManifest;
    private final PageSet touched;
    private final PageSet lastChanged;
    private final Transfers transfers = new Transfers();
    private final Progress progress;

    /**
     * @param memfd the memory of the program that waits
     * @param order whether what is hot by the manifest is fetched before the program goes on
     */
    Prefetch(PagePathIn path, Descriptor memfd, Manifest manifest, Order order, Progress progress) {
        this.path = path;
        this.manifest = manifest;
        this.layout = manifest.layout();
        this.order = order;
        this.heat = new HeatMap(layout.pageCount());
        this.held = new PageSet(layout.pageCount());
        this.stale = new PageSet(layout.pageCount());
        this.touched = new PageSet(layout.pageCount());
        this.lastChanged = new PageSet(layout.pageCount());
        this.staleManifest = new PageSet(layout.manifestBytes() / SpaceLayout.PAGE_BYTES);
        this.landing = new Landing(memfd, path.isInPlace(), layout.pageCount(), RUN_PAGES);
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
        if (hole) stale.removeRange(first, end - first);
        else stale.addRange(first, end - first);
        if (!hole) lastChanged.addRange(first, end - first);
    }

    /**
     * Fetches stale pages until none is left, it is time to ask again, or {@code stop} says so; returns when no read is under
     * way. What changed last comes first: the source sends last what it writes most, and that the program needs first. The others
     * come by address, in long runs, whatever the order: one by one the hot pages hold up all others.
     */
    void fetchPages(BooleanSupplier stop) {
        long startedNs = System.nanoTime();
        BooleanSupplier enough = () -> System.nanoTime() - startedNs > ASK_AGAIN_NS || stop.getAsBoolean();
        fetch(lastChanged, enough);
        fetch(stale, enough);
        transfers.await();
    }

    /** Fetches what is hot and stale, until {@code stop} says so; returns when no read is under way. */
    void fetchHot(BooleanSupplier stop) {
        if (order != Order.ADDRESS) fetch(staleAndHot(), stop);
        transfers.await();
    }

    private PageSet staleAndHot() {
        PageSet hot = stale.copy();
        stale.forEachRange((first, count) -> {
            for (long page = first; page < first + count; page++) {
                if (heat.use(page) != HeatClass.HOT) hot.remove(page);
            }
        });
        return hot;
    }

    /** Whether nothing that was reported is still to be fetched. */
    boolean isLevel() {
        return stale.isEmpty();
    }

    /** Fetches all that is stale. */
    void fetchAll() {
        do fetchPages(() -> false);
        while (!stale.isEmpty());
    }

    private void fetch(PageSet pages, BooleanSupplier enough) {
        for (long first = pages.nextPresent(0); first < layout.pageCount(); first = pages.nextPresent(first)) {
            if (enough.getAsBoolean()) return;
            long end = Math.min(pages.nextAbsent(first), first + RUN_PAGES);
            fetch(first, end);
            first = end;
        }
    }

    private void fetch(long first, long end) {
        stale.removeRange(first, end - first);
        lastChanged.removeRange(first, end - first);
        held.addRange(first, end - first);
        touched.addRange(first, end - first);
        progress.add("prefetched-pages", end - first);
        transfers.begin(end - first > SHORT_RUN_PAGES ? MAX_RUNS_UNDER_WAY : MAX_SHORT_RUNS_UNDER_WAY);
        MemorySegment buffer = landing.take();
        MemorySegment content = buffer.asSlice(0, (end - first) * SpaceLayout.PAGE_BYTES);
        path.read(layout.pageOffset(first), content, failure -> {
            Throwable failed = failure == null ? land(first, content) : failure;
            landing.giveBack(buffer);
            transfers.ended(failed);
        });
    }

    private @Nullable Throwable land(long first, MemorySegment content) {
        try {
            landing.put(first, content);
            return null;
        } catch (LinuxException failure) {
            return failure;
        }
    }

    /** Fetches the changed parts of the manifest; returns when they are here. */
    void fetchManifest() {
        requestManifest();
        transfers.await();
        if (order == Order.ADDRESS) return;
        for (long page = 0; page < heat.pageCount(); page++) heat.learn(page, manifest.heat(page));
    }

    /**
     * Once nothing changes any more: fetches what the source sent last, as far as that is little, what else is hot, up to the
     * same bound, and the manifest; returns when they are here.
     */
    void fetchLast() {
        ask();
        requestManifest();
        if (path.isImmediate() && stale.size() <= MAX_LAST_PAGES_AT_ONCE) fetch(stale, () -> false);
        else fetchLastAndHot();
        transfers.await();
    }

    private void fetchLastAndHot() {
        PageSet last = order == Order.ADDRESS ? new PageSet(layout.pageCount()) : staleAndHot();
        if (lastChanged.size() <= MAX_LAST_PAGES) last.addAll(lastChanged);
        PageQueue queue = new PageQueue(order, heat, page -> false, last);
        PageSet hottest = new PageSet(layout.pageCount());
        queue.take(MAX_HOT_PAGES, hottest::addRange);
        fetch(hottest, () -> false);
    }

    private void requestManifest() {
        staleManifest.forEachRange((first, count) -> {
            long at = first * SpaceLayout.PAGE_BYTES;
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

    /** The pages that were fetched and not reported as changed since, with the content of which {@link #checksum} speaks. */
    PageSet held() {
        return held;
    }

    /** Every page that was ever fetched, so that the memory may hold something of it. */
    PageSet touched() {
        return touched;
    }

    int checksum(long pageIndex) {
        return landing.checksum(pageIndex);
    }
}
