package io.pageferry.pager;

import io.pageferry.linux.Pagemap;
import io.pageferry.linux.Userfaultfd;
import io.pageferry.page.PageSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Which pages a program has written, by write protection that the kernel resolves itself ({@code UFFD_FEATURE_WP_ASYNC}).
 * Scanning and arming again is one atomic step a page ({@code PM_SCAN_WP_MATCHING}), so the program need not stop.
 *
 * <p>Invariant: after a scan, each page of each mapping in use is either armed, or the next scan will report it. So a write is
 * reported by the first scan that begins after it, and a page whose content is read after the scan that reported it was
 * read with that write in it.
 *
 * <p>Whoever wants to know opens a {@link WrittenPages}; each of them learns of every page once, whoever asked for the scan.
 * Thread-safe.
 */
public final class WriteTracker {
    private static final long RESCAN = Pagemap.REARM | Pagemap.CHECK_ASYNC;

    /**
     * Reports what is not armed: entries without protection, and no entry at all where there is a page table. That an
     * absent entry counts holds for exactly this query: any other mask makes older kernels take a path on which it does not.
     */
    static final Pagemap.Query UNARMED = new Pagemap.Query(RESCAN, 0, Pagemap.IS_WRITTEN, 0, Pagemap.IS_WRITTEN);

    /** Reports where the page table itself is gone, which older kernels do not report as written: {@link AbsentTables}. */
    private static final Pagemap.Query WITHOUT_ENTRY = new Pagemap.Query(
            RESCAN,
            Pagemap.IS_PRESENT | Pagemap.IS_SWAPPED,
            Pagemap.IS_PRESENT | Pagemap.IS_SWAPPED,
            0,
            Pagemap.IS_WRITTEN);

    private final TrackedMemory memory;
    private final PageTableScan scan;
    private final PageSet found;
    private final Supplier<List<Long>> inUse;
    private final List<WrittenPages> readers = new CopyOnWriteArrayList<>();
    private final boolean looksForTables;
    private List<Long> armedBases = List.of();
    private volatile boolean armed;

    /** Tracks every mapping. */
    public WriteTracker(TrackedMemory memory) {
        this(memory, memory::bases);
    }

    /**
     * Tracks the mappings that are in use: each of the others costs as much.
     *
     * @param inUse their bases. Asked at each scan, too: of one that comes later all pages count as written, once
     */
    public WriteTracker(TrackedMemory memory, Supplier<List<Long>> inUse) {
        this(memory, inUse, !AbsentTables.areReported());
    }

    /** @param looksForTables whether absent page tables are asked for by a scan of their own */
    WriteTracker(TrackedMemory memory, boolean looksForTables) {
        this(memory, memory::bases, looksForTables);
    }

    private WriteTracker(TrackedMemory memory, Supplier<List<Long>> inUse, boolean looksForTables) {
        this.memory = memory;
        this.inUse = inUse;
        this.looksForTables = looksForTables;
        this.scan = new PageTableScan(memory);
        this.found = new PageSet(memory.pageCount());
    }

    /**
     * Begins to track: arms every page of every mapping in use. Mappings not registered yet are registered for write protection;
     * what they are registered for already stays.
     *
     * <p>By {@code UFFDIO_WRITEPROTECT} and not by a scan: it takes huge entries apart, and the kernel makes none anew where pages
     * are armed one by one. An armed huge entry would be dropped by the first write into it, and all of its 512 pages count as
     * written (mm/huge_memory.c, __split_huge_pmd_locked).
     *
     * @throws io.pageferry.linux.LinuxException with EPERM if the userfaultfd does not track asynchronously
     */
    public synchronized void arm() {
        List<Long> bases = inUse.get();
        List<Long> fresh =
                bases.stream().filter(base -> !armedBases.contains(base)).toList();
        for (long base : fresh) {
            memory.userfaultfd().register(base, memory.sizeBytes(), Userfaultfd.Mode.WRITE_PROTECT);
            memory.userfaultfd().writeProtect(base, memory.sizeBytes());
        }
        if (fresh.isEmpty()) return;
        // What was written through one that came later is not known.
        if (armed) readers.forEach(WrittenPages::addAll);
        armedBases = Stream.concat(armedBases.stream(), fresh.stream()).toList();
        armed = true;
    }

    /** Stops tracking: writes cost nothing again, and all that was not taken is forgotten. */
    public synchronized void disarm() {
        if (!armed) return;
        for (long base : armedBases) {
            memory.userfaultfd().removeWriteProtection(base, memory.sizeBytes());
        }
        armed = false;
        armedBases = List.of();
        readers.forEach(WrittenPages::clear);
    }

    /**
     * Ends tracking of memory that is given up, with its entries: what was not taken is forgotten, and the mappings are left as they
     * are, for whoever registers them anew.
     */
    public synchronized void abandon() {
        armed = false;
        armedBases = List.of();
        readers.forEach(WrittenPages::clear);
    }

    /** Whether writes are tracked now; does not wait for a scan. */
    public boolean isArmed() {
        return armed;
    }

    /** Opens a view of what is written from now on. Arms tracking if it is not. */
    public synchronized WrittenPages open() {
        // What was written up to now belongs to the readers there are, and not to the new one.
        if (armed) collect();
        return openWithoutScan();
    }

    /** Opens a view of what is written from now on and, where tracking was armed before, since the last scan. */
    public synchronized WrittenPages openWithoutScan() {
        arm();
        WrittenPages reader = new WrittenPages(this, memory.pageCount());
        readers.add(reader);
        return reader;
    }

    /** Scans, arms again, and tells every reader. */
    synchronized void collect() {
        if (!armed) throw new IllegalStateException("write tracking is not armed");
        arm();
        scan.addMatches(armedBases, UNARMED, found);
        if (looksForTables) scan.addMatches(armedBases, WITHOUT_ENTRY, found);
        readers.forEach(reader -> reader.add(found));
        found.clear();
    }

    synchronized void close(WrittenPages reader) {
        readers.remove(reader);
    }
}
