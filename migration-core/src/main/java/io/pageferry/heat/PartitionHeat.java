package io.pageferry.heat;

import io.pageferry.page.PageRange;
import io.pageferry.page.PageSet;
import io.pageferry.pager.AccessSample;
import io.pageferry.pager.AccessSampler;
import io.pageferry.pager.EntryDropper;
import io.pageferry.pager.TrackedMemory;
import io.pageferry.pager.WriteTracker;
import io.pageferry.pagetable.PageRecords;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * The heat of one partition: sampled while it runs, kept in its page records, so that it outlives the agent, and refined
 * while it migrates.
 *
 * <p>Invariant: at most one of sampling and migration uses the write tracker; sampling ends before {@link #beginMigration}
 * returns, and does not begin again before {@link HeatWatch#close}. And a mark that whoever removed a page-table entry has set is
 * cleared only once the map has it.
 */
public final class PartitionHeat {
    private static final long PORTION_PAGES = 2048;

    private final TrackedMemory memory;
    private final HeatMap map;
    private final PageRecords records;
    private final WriteTracker tracker;
    private final AccessSampler sampler;
    private final EntryDropper dropper;
    /** The pages whose mark of a write was made or taken up here. */
    private final PageSet ownMarks;

    private int migrations;
    private boolean closed;

    /** Takes up what the records tell of an earlier life. */
    public PartitionHeat(TrackedMemory memory, WriteTracker tracker, PageRecords records, EntryDropper dropper) {
        this.memory = memory;
        this.map = new HeatMap(memory.pageCount());
        this.records = records;
        this.tracker = tracker;
        this.sampler = newSampler();
        this.dropper = dropper;
        this.ownMarks = new PageSet(memory.pageCount());
        records.addPagesWith(PageRecords.WRITTEN, ownMarks);
        for (long page = 0; page < map.pageCount(); page++) learnRecorded(page);
    }

    public HeatMap map() {
        return map;
    }

    /** Whether the program has declared a page read-only. */
    public boolean isDeclaredReadOnly(long pageIndex) {
        return records.has(pageIndex, PageRecords.READ_ONLY);
    }

    /**
     * Observes the program on the calling thread: has its page-table entries dropped, and looks after the short window, and
     * again after the long one, which begins where the short one ends, what was used and what was written. Write tracking
     * stays armed.
     *
     * <p>Invariant: tracking is not armed on a program that a migration has taken the partition from, since that ends, and the
     * program is told, before sampling may begin again.
     *
     * @param runs whether the program has the partition, asked once no migration can be on
     * @return how many faults that has cost the program, about; -1 if it does not run, or a migration was on, or began: then what
     *     was observed up to there counts, or nothing
     */
    public synchronized long sample(BooleanSupplier runs, Duration shortWindow, Duration longWindow)
            throws InterruptedException {
        if (isBusy() || !runs.getAsBoolean()) return -1;
        sampler.start(dropper);
        try {
            if (!waitFor(shortWindow)) return -1;
            AccessSample first = takeUp();
            if (!waitFor(longWindow)) return -1;
            AccessSample second = takeUp();
            return second.referenced().size()
                    + first.written().size()
                    + second.written().size();
        } finally {
            sampler.abandon();
        }
    }

    private boolean waitFor(Duration window) throws InterruptedException {
        long endNs = System.nanoTime() + window.toNanos();
        for (long leftNs = window.toNanos(); leftNs > 0 && !isBusy(); leftNs = endNs - System.nanoTime()) {
            wait(leftNs / 1_000_000, (int) (leftNs % 1_000_000));
        }
        return !isBusy();
    }

    private boolean isBusy() {
        return migrations > 0 || closed;
    }

    private AccessSample takeUp() {
        AccessSample sample = sampler.look();
        Recorded recorded = takeRecorded();
        recorded.used.addAll(sample.referenced());
        recorded.written.addAll(sample.written());
        map.sampled(recorded.used, recorded.written);
        store();
        return sample;
    }

    /**
     * Ends sampling, and keeps it from beginning until the watch is closed.
     *
     * @param order by address alone reads are not watched: that costs the program a fault a page
     */
    public synchronized HeatWatch beginMigration(Order order) {
        Recorded recorded = takeRecorded();
        map.recorded(recorded.used, recorded.written);
        if (!recorded.isEmpty()) store();
        boolean watchesReads = order != Order.ADDRESS && !map.isKnown();
        // It may fail, as when the program goes: then no watch is there to close.
        HeatWatch watch = new HeatWatch(this, watchesReads, tracker, newSampler(), dropper);
        migrations++;
        notifyAll();
        return watch;
    }

    /**
     * Ends sampling, and keeps it from beginning while something is done that takes the memory from under it.
     *
     * <p>Invariant: meanwhile nobody but the caller uses the write tracker.
     */
    public void unobserved(Runnable task) {
        synchronized (this) {
            migrations++;
            notifyAll();
        }
        try {
            task.run();
        } finally {
            endMigration();
        }
    }

    /** Lets sampling begin again. */
    synchronized void endMigration() {
        migrations--;
    }

    /** Ends sampling for good: the program has gone. */
    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    /** Starts from what was known where the partition comes from; what entries have recorded here counts beside it. */
    public synchronized void inherit(byte[] levels) {
        Recorded recorded = takeRecorded();
        // Of an agent before this one: the map that they are in already is what is overwritten now.
        ownMarks.clear();
        records.addPagesWith(PageRecords.WRITTEN, ownMarks);
        map.learn(levels);
        recorded.written.addAll(ownMarks);
        map.recorded(recorded.used, recorded.written);
        store();
    }

    /** Takes the marks of writes away that were made here, until recorded ones are taken up: a mark that is found then is one. */
    public synchronized void expectRecorded() {
        ownMarks.forEachRange((first, count) -> records.clearAll(new PageRange(first, count), PageRecords.WRITTEN));
        ownMarks.clear();
    }

    /**
     * Takes up what page-table entries had recorded that were removed.
     *
     * @param madeByNobody pages that had an entry though nobody had touched them: they were used only if they were written
     */
    public synchronized void takeUpRecorded(PageSet madeByNobody) {
        Recorded recorded = takeRecorded();
        PageSet notUsed = madeByNobody.copy();
        notUsed.removeAll(recorded.written);
        recorded.used.removeAll(notUsed);
        map.recorded(recorded.used, recorded.written);
        store();
    }

    /** Writes the classes into the partition's records. */
    private void store() {
        byte[] codes = map.codes();
        for (int page = 0; page < codes.length; page++) {
            records.setHeat(page, HeatMap.useCode(codes[page]));
            boolean written = HeatMap.writesCode(codes[page]) != HeatClass.COLD.code();
            if (written && !ownMarks.contains(page)) {
                // One that is there already is another's, and still to be taken up.
                if (records.set(page, PageRecords.WRITTEN)) ownMarks.add(page);
            } else if (!written && ownMarks.remove(page)) {
                records.clear(page, PageRecords.WRITTEN);
            }
        }
    }

    /** What page-table entries that were removed had recorded, each page of it once. */
    private record Recorded(PageSet used, PageSet written) {
        boolean isEmpty() {
            return used.isEmpty() && written.isEmpty();
        }
    }

    private Recorded takeRecorded() {
        PageSet used = new PageSet(records.pageCount());
        records.addPagesWith(PageRecords.REFERENCED, used);
        used.forEachRange((first, count) -> records.clearAll(new PageRange(first, count), PageRecords.REFERENCED));
        PageSet written = new PageSet(records.pageCount());
        records.addPagesWith(PageRecords.WRITTEN, written);
        written.removeAll(ownMarks);
        ownMarks.addAll(written);
        return new Recorded(used, written);
    }

    private AccessSampler newSampler() {
        return new AccessSampler(memory, tracker, PORTION_PAGES);
    }

    private void learnRecorded(long page) {
        HeatClass writes = records.has(page, PageRecords.WRITTEN) ? HeatClass.COOL : HeatClass.COLD;
        map.learn(page, HeatClass.ofCode(records.heat(page)), writes);
    }
}
