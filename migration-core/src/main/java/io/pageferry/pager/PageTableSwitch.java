package io.pageferry.pager;

import io.pageferry.attach.AttachedPartition;
import io.pageferry.attach.Sweep;
import io.pageferry.linux.FileCalls;
import io.pageferry.page.PageRange;
import io.pageferry.page.PageSet;
import io.pageferry.pagetable.PageRecords;
import io.pageferry.pagetable.PageTables;
import java.time.Duration;

/**
 * Ends an arrival: makes the entries of the partition table, moves the program's pointer to it, and has the migration
 * table, whose entries are stale from then on, swept in portions, at intervals (US8140822B2). The program runs all the
 * while. Done again from the start, as after an agent's death, it does no harm.
 */
public final class PageTableSwitch {
    /**
     * How the work is cut up, so that the program's page tables are never locked for long.
     *
     * @param portionPages pages populated or swept in one request
     * @param interval between one portion's sweep and the next
     */
    public record Pace(long portionPages, Duration interval) {
        /**
         * 16 MiB a portion, about a millisecond of work, and 5 ms between two: with larger ones the slowest accesses of a busy
         * program take several times as long as without ({@code docs/page-tables.md} has the times).
         */
        public static final Pace DEFAULT = new Pace(4096, Duration.ofMillis(5));

        public Pace {
            if (portionPages < 1 || interval.isNegative()) {
                throw new IllegalArgumentException("not a pace: " + portionPages + " pages, " + interval);
            }
        }
    }

    /**
     * What was done, and how long it took.
     *
     * @param swept stale entries that the sweep has invalidated
     * @param byCalls stale entries that the program's own page-table calls came first to
     */
    public record Report(long swept, long byCalls, long populateNs, long switchNs, long sweepNs) {}

    /** How often a page is looked at before it counts as missing. */
    private static final int MAX_LOOKS = 32;

    private final AttachedPartition partition;
    private final Pace pace;

    public PageTableSwitch(AttachedPartition partition, Pace pace) {
        this.partition = partition;
        this.pace = pace;
    }

    /**
     * Populates, switches and sweeps; returns when the migration table holds no stale entry, and is free for the next
     * arrival. No scan of the page tables may run beside it; until it returns, faults are to be served on: a thread that
     * still holds the old pointer may touch a hole.
     *
     * <p>Invariant: the pointer moves only once every page is resident, or released by the program, or known to hold zeroes;
     * so no page that the program touches after it is missing.
     *
     * @param zeroes pages that hold zeroes and may be holes
     * @throws IllegalStateException if another page is missing still: nothing was done
     * @throws io.pageferry.attach.AttachLostException if the program has gone
     */
    public Report run(PageSet zeroes) throws InterruptedException {
        requireArrived(zeroes);
        long startedNs = System.nanoTime();
        populate();
        long populatedNs = System.nanoTime();
        partition.switchTables();
        long switchedNs = System.nanoTime();
        Sweep swept = sweep();
        // After the sweep: ending the registration would erase what the entries have recorded of writes.
        partition.arrivalComplete();
        long sweptNs = System.nanoTime();
        return new Report(
                swept.swept(),
                swept.byCalls(),
                populatedNs - startedNs,
                switchedNs - populatedNs,
                sweptNs - switchedNs);
    }

    private void requireArrived(PageSet zeroes) {
        long pageCount = partition.pageCount();
        for (long hole = nextHole(0); hole < pageCount; ) {
            long data = FileCalls.nextData(partition.memory(), hole * PageTables.PAGE_BYTES);
            long end = data < 0 ? pageCount : data / PageTables.PAGE_BYTES;
            for (long page = hole; page < end; page++) {
                if (!zeroes.contains(page) && isMissing(page)) {
                    throw new IllegalStateException("page " + page + " of partition " + partition.name()
                            + " is missing still: its page tables cannot be switched");
                }
            }
            hole = nextHole(end);
        }
    }

    /**
     * Whether a page is missing, that is, neither marked as released nor there.
     *
     * <p>Invariant: the program marks a page before it gives it back, and unmarks it only once it has a frame again; so one that is
     * not missing is found to be neither only if it was given back between the two looks.
     */
    private boolean isMissing(long page) {
        for (int look = 0; look < MAX_LOOKS; look++) {
            if (partition.records().has(page, PageRecords.RELEASED) || nextHole(page) > page) return false;
        }
        return true;
    }

    private long nextHole(long fromPage) {
        if (fromPage >= partition.pageCount()) return fromPage;
        return FileCalls.nextHole(partition.memory(), fromPage * PageTables.PAGE_BYTES) / PageTables.PAGE_BYTES;
    }

    private void populate() {
        for (long page = 0; page < partition.pageCount(); page += pace.portionPages()) {
            // While writes of this table are not watched, the kernel makes writable entries here too, many at once: a
            // third of
            // the time that it takes to ask for them one by one. Where they are watched, the first write is a short
            // fault.
            partition.populate(portion(page), false);
        }
    }

    private Sweep sweep() throws InterruptedException {
        long swept = 0;
        long byCalls = 0;
        for (long page = 0; page < partition.pageCount(); page += pace.portionPages()) {
            if (page > 0) Thread.sleep(pace.interval());
            Sweep done = partition.sweep(portion(page));
            swept += done.swept();
            byCalls = done.byCalls();
        }
        return new Sweep(swept, byCalls);
    }

    private PageRange portion(long firstPage) {
        return PageRange.between(firstPage, Math.min(firstPage + pace.portionPages(), partition.pageCount()));
    }
}
