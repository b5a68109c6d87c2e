package io.pageferry.pagetable;

import io.pageferry.linux.DataRuns;
import io.pageferry.linux.Descriptor;
import io.pageferry.linux.FileCalls;
import io.pageferry.linux.Mapping;
import io.pageferry.linux.Pagemap;
import io.pageferry.page.PageRange;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.LongAdder;

/**
 * Partition memory in the program: one memfd, mapped twice, so that the same frames have two separate sets of
 * page-table entries, and a pointer that says through which the program reaches it (US8140822B2).
 *
 * <p>The mappings stay for the life of the process: a segment that a thread took before the pointer moved stays valid
 * and coherent.
 */
public final class PageTables implements AutoCloseable {
    /** The size of a page in bytes. */
    public static final int PAGE_BYTES = 4096;
    /** The largest partition in bytes: 16 TiB. */
    public static final long MAX_SIZE_BYTES = 1L << 44;

    private final Descriptor memory;
    private final Descriptor recordsMemory;
    private final PageRecords records;
    private final Mapping partitionTable;
    private final Mapping migrationTable;
    private final long pageCount;
    private final Descriptor pagemap;
    private final StaleEntries staleEntries;
    private final LongAdder invalidatedByCalls = new LongAdder();
    private volatile MemorySegment current;

    private PageTables(Descriptor memory, Descriptor recordsMemory, long sizeBytes) {
        this.memory = memory;
        this.recordsMemory = recordsMemory;
        this.pageCount = sizeBytes / PAGE_BYTES;
        this.records = PageRecords.map(recordsMemory, pageCount, Arena.global());
        this.partitionTable = Mapping.readWrite(memory, sizeBytes, Arena.global());
        this.migrationTable = Mapping.readWrite(memory, sizeBytes, Arena.global());
        this.pagemap = Pagemap.openOwn();
        this.current = partitionTable.segment();
        this.staleEntries = new StaleEntries(
                records, migrationTable, new EntryRecorder(records, pagemap), () -> pointer() == Table.PARTITION);
    }

    /** Creates the memory, all of it holes, and both tables, empty; the pointer is at the partition table. */
    public static PageTables create(String name, long sizeBytes) {
        requireSize(sizeBytes);
        Descriptor memory = FileCalls.sealedMemfd("pageferry:" + name, sizeBytes);
        Descriptor records = PageRecords.create("pageferry-records:" + name, sizeBytes / PAGE_BYTES);
        return new PageTables(memory, records, sizeBytes);
    }

    /** Refuses a size that no partition can have, by an IllegalArgumentException. */
    public static void requireSize(long sizeBytes) {
        if (sizeBytes <= 0 || sizeBytes % PAGE_BYTES != 0 || sizeBytes > MAX_SIZE_BYTES) {
            throw new IllegalArgumentException("a partition's size must be a positive multiple of " + PAGE_BYTES
                    + " bytes, at most " + MAX_SIZE_BYTES + ", not " + sizeBytes);
        }
    }

    /** The memory as the pointer has it now. */
    public MemorySegment current() {
        return current;
    }

    /** Which table the pointer is at. */
    public Table pointer() {
        return current.address() == partitionTable.address() ? Table.PARTITION : Table.MIGRATION;
    }

    /** Which table the pointer is at, once a switch that is under way has made its marks. */
    public synchronized Table settledPointer() {
        return pointer();
    }

    /**
     * Moves the pointer to a table: one volatile store; no thread is stopped.
     *
     * <p>The migration table is free for an arrival only when it is empty: while it holds a stale entry, the pointer does not
     * move to it.
     *
     * <p>Invariant: both tables map the same frames, so a thread that still holds the other segment reads and writes the
     * same memory. When it moves to the partition table, every entry of the migration table is stale from here on: each
     * page is marked once, after the pointer has moved, so that no entry made through the pointer escapes its mark; and a call that
     * comes before the marks are set finds its pages' entries stale all the same.
     *
     * @throws IllegalStateException if the migration table is not free; the pointer stays where it is
     */
    public synchronized void pointTo(Table table) {
        boolean leavesMigrationTable = table == Table.PARTITION && pointer() == Table.MIGRATION;
        boolean entersMigrationTable = table == Table.MIGRATION && pointer() == Table.PARTITION;
        if (entersMigrationTable && staleEntries.count() != 0) {
            throw new IllegalStateException(
                    "the migration table is not free: it holds " + staleEntries.count() + " stale entries");
        }
        if (leavesMigrationTable) {
            invalidatedByCalls.reset();
            staleEntries.expect();
        }
        current = mapping(table).segment();
        if (leavesMigrationTable) staleEntries.markAll();
    }

    /** What the migration table is in use for. */
    public TableUse migrationTableUse() {
        if (pointer() == Table.MIGRATION) return TableUse.ARRIVING;
        return staleEntries.count() == 0 ? TableUse.FREE : TableUse.STALE;
    }

    /** Makes a table's entries for the pages that have a frame; holes are left alone, since an entry would allocate them. */
    public void populate(Table table, PageRange pages, boolean forWriting) {
        Mapping mapping = mapping(table);
        new DataRuns(memory, mapping).visit(pages.firstPage(), pages.end(), (offset, length) -> {
            if (forWriting) mapping.populateForWriting(offset, length);
            else mapping.populateForReading(offset, length);
        });
    }

    /** Drops a table's entries of a range: the next touch of each page makes its entry anew. */
    public void dropEntries(Table table, PageRange pages) {
        mapping(table).dropEntries(pages.firstPage() * PAGE_BYTES, pages.pageCount() * PAGE_BYTES);
    }

    /**
     * Invalidates what is stale in a portion of the migration table.
     *
     * <p>Invariant: each stale entry is invalidated by exactly one of sweep, {@link #release}, {@link #protect} and {@link #map}, and
     * what it has recorded is in the page's record before it goes. When any of them returns, its pages have no stale entry.
     *
     * @return how many entries this call has invalidated
     */
    public long sweep(PageRange portion) {
        long swept = staleEntries.invalidate(portion);
        staleEntries.invalidated(swept);
        return swept;
    }

    // Said before it is counted as gone: the next arrival, which may begin then, counts from 0 on.
    private void invalidateByCall(PageRange pages) {
        long invalidated = staleEntries.invalidate(pages);
        invalidatedByCalls.add(invalidated);
        staleEntries.invalidated(invalidated);
    }

    /** Gives pages back: no frame, no entry in either table. */
    public void release(PageRange pages) {
        // Said before it is done: an agent that fills this page now must see it, and fill in zeroes.
        records.setAll(pages, PageRecords.RELEASED);
        invalidateByCall(pages);
        // The kernel takes the frames out of every mapping, the migration table's entries with them.
        FileCalls.punchHole(memory, pages.firstPage() * PAGE_BYTES, pages.pageCount() * PAGE_BYTES);
        // Said after it is done: write tracking does not see a hole punched into a page that was not written.
        records.setAll(pages, PageRecords.PUNCHED);
    }

    /**
     * Has pages that were released hold data again: each has a frame of zeroes, and entries that are made at its next touch.
     * Only while no thread touches them.
     *
     * <p>Invariant: a page is no longer released only once it has a frame that holds zeroes, so whatever an agent fetched of it
     * before it was released cannot take its place: a fill finds the page present.
     */
    public void map(PageRange pages) {
        long offset = pages.firstPage() * PAGE_BYTES;
        long length = pages.pageCount() * PAGE_BYTES;
        // By the partition table, whatever the pointer is at: there, a missing page is allocated and waits for nobody.
        partitionTable.populateForWriting(offset, length);
        // A fill that began before the release may have come first.
        partitionTable.segment().asSlice(offset, length).fill((byte) 0);
        invalidateByCall(pages);
        records.clearAll(pages, PageRecords.RELEASED);
    }

    /**
     * Gives all pages back, clears all records, and frees the migration table, whatever it was in use for: the memory is as
     * new. Only while no thread touches it.
     */
    public synchronized void empty() {
        // Nobody looks at single records meanwhile, so none is kept: marking each page would take longer than giving it
        // back.
        FileCalls.punchHole(memory, 0, sizeBytes());
        current = partitionTable.segment();
        records.reset();
        staleEntries.reset();
    }

    /** Records how pages will be used, and invalidates what is stale of them in the migration table. */
    public void protect(PageRange pages, boolean readOnly) {
        if (readOnly) records.setAll(pages, PageRecords.READ_ONLY);
        else records.clearAll(pages, PageRecords.READ_ONLY);
        invalidateByCall(pages);
    }

    /** How many stale entries {@link #release}, {@link #protect} and {@link #map} have invalidated since the pointer last moved. */
    public long invalidatedByCalls() {
        return invalidatedByCalls.sum();
    }

    public long address(Table table) {
        return mapping(table).address();
    }

    public Descriptor memory() {
        return memory;
    }

    public Descriptor recordsMemory() {
        return recordsMemory;
    }

    /** The process's own {@code /proc/self/pagemap}, open. */
    public Descriptor pagemap() {
        return pagemap;
    }

    public PageRecords records() {
        return records;
    }

    public long pageCount() {
        return pageCount;
    }

    public long sizeBytes() {
        return pageCount * PAGE_BYTES;
    }

    /** The whole memory as one range. */
    public PageRange all() {
        return new PageRange(0, pageCount);
    }

    /** Closes the descriptors; the mappings stay, since threads may still hold them. */
    @Override
    public void close() {
        pagemap.close();
        memory.close();
        recordsMemory.close();
    }

    private Mapping mapping(Table table) {
        return table == Table.PARTITION ? partitionTable : migrationTable;
    }
}
