package io.pageferry.migration;

import io.pageferry.heat.HeatWatch;
import io.pageferry.heat.Order;
import io.pageferry.heat.PageQueue;
import io.pageferry.heat.PartitionHeat;
import io.pageferry.heat.Ranking;
import io.pageferry.page.PageSet;
import io.pageferry.pager.WrittenPages;
import io.pageferry.path.PagePathOut;

/**
 * What the source sends while the program runs: a first pass over all pages, then rounds over those that were dirtied, until
 * what is dirty is little enough for the switchover. For one thread.
 *
 * <p>Pages that are written so often that they would be dirty again are put off, if the order knows of any: they count as
 * dirty from the start, and go once the target has verified the others, the hottest only once the program has come to rest.
 */
final class Rounds {
    /** Pages sent between two looks at whether somebody has cancelled. */
    private static final long PORTION_PAGES = 1024;
    /** The target must fetch them in the moment before the switchover: 8 MiB. */
    private static final long MAX_PUT_OFF = 2048;
    /** The program stands still while they go: 1 MiB. */
    private static final long MAX_PUT_OFF_TO_THE_END = 256;

    private static final long LONG_WAIT_NS = 50_000_000;

    /** What is put off by now: what is written often, what is written most, or nothing. */
    private enum PutOff {
        UNTIL_VERIFIED,
        UNTIL_AT_REST,
        NOTHING
    }

    private final SourceMigration.Request request;
    private final PageOut out;
    private final WrittenPages written;
    private final HeatWatch watch;
    private final ManifestOut manifest;
    private final PagePathOut path;
    private final SourceControl control;
    private final Progress progress;
    private final RoundFigures figures;
    private final Convergence convergence;
    private final Order order;
    private final Ranking ranking;
    private final PageSet putOff;
    /** Of those that are put off: what goes only once the program is at rest. */
    private long putOffToTheEnd;

    private PutOff phase = PutOff.UNTIL_VERIFIED;

    Rounds(
            SourceMigration.Request request,
            PageOut out,
            WrittenPages written,
            HeatWatch watch,
            ManifestOut manifest,
            PagePathOut path,
            SourceControl control,
            Progress progress) {
        this.request = request;
        this.out = out;
        this.written = written;
        this.watch = watch;
        this.manifest = manifest;
        this.path = path;
        this.control = control;
        this.progress = progress;
        this.figures = new RoundFigures(progress);
        this.convergence = new Convergence(request.options());
        this.order = request.options().orderOut();
        this.putOff = new PageSet(request.partition().pageCount());
        this.ranking = order.rank(request.heat().map(), allPages());
    }

    private PageSet allPages() {
        PageSet all = new PageSet(request.partition().pageCount());
        all.addRange(0, all.pageCount());
        return all;
    }

    /** Sends all pages but those that are in the space already; what of these arrives here meanwhile and is written comes as dirty. */
    void firstPass(PageSet notHere) {
        PageSet pages = allPages();
        pages.removeAll(notHere);
        sendRound(pages);
        progress.set("first-pass-pages", progress.get("normal"));
    }

    /** Returns the pages that are dirty at the end; they are sent after the program has come to rest, with what it writes until then. */
    PageSet refresh() {
        while (true) {
            PageSet dirty = takeDirty();
            // What is put off goes before the program comes to rest, but for what is put off to the end.
            putOff.retainAll(dirty);
            long dirtyPages = dirty.size() - putOff.size() + Math.min(putOffToTheEnd, putOff.size());
            figures.scanned(dirty.size() - putOff.size(), dirty.size());
            progress.set("expected-downtime", convergence.expectedDowntimeMs(dirtyPages));
            boolean isEnough = convergence.isWithinLimit(dirtyPages);
            if (!isEnough && convergence.isAtBound() && !request.options().force()) throw notConverging(dirtyPages);
            if (isEnough || convergence.isAtBound()) {
                written.putBack(dirty);
                return dirty;
            }
            sendRound(dirty);
        }
    }

    /**
     * After the target has verified what is out, which took so long: sends what was put off, and what the program has written
     * meanwhile, if that has become too much for the downtime.
     */
    void finish(long waitedNs) {
        boolean hasPutOff = !putOff.isEmpty();
        if (hasPutOff) sendPutOff();
        phase = PutOff.NOTHING;
        if (hasPutOff || waitedNs > LONG_WAIT_NS) {
            var _ = refresh();
        }
    }

    /** Invariant: what is put off is dirty, so what is not sent here is sent with the last pages. */
    private void sendPutOff() {
        PageSet dirty = takeDirty();
        PageSet now = dirty.copy();
        now.retainAll(putOff);
        dirty.removeAll(now);
        written.putBack(dirty);
        phase = PutOff.UNTIL_AT_REST;
        sendRound(now);
    }

    private void sendRound(PageSet pages) {
        figures.roundBegins();
        send(pages);
        convergence.roundSent(figures.sent(), figures.sinceNs());
        figures.setRate(Math.round(convergence.pagesPerSecond()));
        control.publish();
    }

    /**
     * Sends pages in the order chosen, but those that are put off.
     *
     * <p>Invariants: a page is taken for sending after the last scan that reported it, so a write that is forgotten here is in
     * what is sent; and a page that is put off is given back as dirty, so none is left out.
     */
    private void send(PageSet pages) {
        PartitionHeat heat = request.heat();
        PageQueue queue = new PageQueue(order, ranking, heat::isDeclaredReadOnly, pages);
        for (long due = due(queue); due > 0; due = due(queue)) {
            control.checkCancelled();
            queue.take(Math.min(due, PORTION_PAGES), out::sendRange);
            watch.look().ifPresent(seen -> {
                queue.rerank(seen);
                written.forget(queue.pages());
            });
            figures.remaining(queue.size());
            figures.going();
            control.publish();
        }
        keep(queue);
        path.await();
        out.discardFreed();
        manifest.writeChanges();
        path.await();
    }

    private void keep(PageQueue queue) {
        putOff.clear();
        putOff.addAll(queue.pages());
        written.putBack(putOff);
        putOffToTheEnd = Math.min(queue.putOffToTheEnd(), MAX_PUT_OFF_TO_THE_END);
        noteMost("pages-put-off", putOff.size());
        noteMost("pages-put-off-to-the-end", putOffToTheEnd);
    }

    private void noteMost(String figure, long pages) {
        if (pages > progress.get(figure)) progress.set(figure, pages);
    }

    /** How many pages are to go now, before those that are put off. */
    private long due(PageQueue queue) {
        return switch (phase) {
            case UNTIL_VERIFIED -> queue.size() - Math.min(queue.putOff(), MAX_PUT_OFF);
            case UNTIL_AT_REST -> queue.size() - Math.min(queue.putOffToTheEnd(), MAX_PUT_OFF_TO_THE_END);
            case NOTHING -> queue.size();
        };
    }

    /** What was written since, and what the program has given back. */
    PageSet takeDirty() {
        PageSet dirty = written.take();
        dirty.addAll(out.punched());
        return dirty;
    }

    private MigrationFailedException notConverging(long dirtyPages) {
        return new MigrationFailedException("after " + convergence.rounds() + " rounds " + dirtyPages
                + " pages are still dirty: the expected downtime is " + convergence.expectedDowntimeMs(dirtyPages)
                + " ms, the limit " + request.options().maxDowntimeMs()
                + " ms. Raise --max-downtime, lower the load, or migrate with --at-bound force");
    }
}
