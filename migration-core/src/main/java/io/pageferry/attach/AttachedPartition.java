package io.pageferry.attach;

import io.pageferry.linux.Descriptor;
import io.pageferry.linux.Mapping;
import io.pageferry.linux.Pagemap;
import io.pageferry.linux.Userfaultfd;
import io.pageferry.page.PageRange;
import io.pageferry.pagetable.PageRecords;
import io.pageferry.pagetable.PageTables;
import io.pageferry.pagetable.Table;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The agent's side of one attached program: its descriptors, and what it can be asked to do. Calls wait for the
 * program's answer; any thread may make them.
 *
 * @see Attachment for what the program has said of itself
 */
public final class AttachedPartition implements AutoCloseable {
    private static final Duration SHORT = Duration.ofSeconds(10);
    private static final Duration LONG = Duration.ofMinutes(2);

    private final Attachment attachment;
    private final Requests requests;
    private final Descriptor memory;
    private final Userfaultfd userfaultfd;
    private final Pagemap pagemap;
    private final Descriptor recordsMemory;
    private final Arena arena = Arena.ofShared();
    private final PageRecords records;
    private final Mapping mapping;
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private volatile ProgramState state;
    private volatile boolean departed;
    private volatile Table pointer;
    private volatile boolean mayUseMigrationTable;

    AttachedPartition(Attachment attachment, MessageChannel channel, List<Descriptor> descriptors) {
        this.attachment = attachment;
        this.requests = new Requests(channel);
        this.state = attachment.state();
        this.pointer = attachment.pointer();
        // It may have resumed there, and have switched before this agent knew it.
        this.mayUseMigrationTable =
                attachment.state() != ProgramState.NEW && attachment.state() != ProgramState.INCOMING;
        this.memory = descriptors.get(0);
        this.userfaultfd = Userfaultfd.owning(descriptors.get(1));
        this.pagemap = Pagemap.owning(descriptors.get(2));
        this.recordsMemory = descriptors.get(3);
        try {
            this.records = PageRecords.map(recordsMemory, pageCount(), arena);
            this.mapping = Mapping.readWrite(memory, attachment.sizeBytes(), arena);
        } catch (RuntimeException refused) {
            arena.close();
            throw refused;
        }
    }

    public Attachment attachment() {
        return attachment;
    }

    public String name() {
        return attachment.name();
    }

    public long pageCount() {
        return attachment.sizeBytes() / PageTables.PAGE_BYTES;
    }

    public long address(Table table) {
        return table == Table.PARTITION ? attachment.partitionTable() : attachment.migrationTable();
    }

    /** Whether its partition has gone elsewhere, or is about to, so that the program will soon end. */
    boolean mayBeLeaving() {
        return departed || state == ProgramState.QUIESCED;
    }

    /** Where the program is in its life, as far as this agent has seen. */
    public ProgramState state() {
        return state;
    }

    /** Which table the program runs on. */
    public Table pointer() {
        return pointer;
    }

    /**
     * The addresses of the tables through which the program may write, as long as it has its partition.
     *
     * <p>Invariant: a program that comes to rest takes its segments anew when it goes on. So one that has had the pointer at the
     * partition table alone since its memory arrived writes through no other.
     */
    public List<Long> basesInUse() {
        long partitionTable = address(Table.PARTITION);
        return mayUseMigrationTable ? List.of(partitionTable, address(Table.MIGRATION)) : List.of(partitionTable);
    }

    public Descriptor memory() {
        return memory;
    }

    /**
     * This agent's own mapping of the memory, for as long as the program is attached: its page-table entries need not be made anew
     * for each migration. A hole that is touched here is allocated.
     */
    public Mapping mapping() {
        return mapping;
    }

    public Userfaultfd userfaultfd() {
        return userfaultfd;
    }

    public Pagemap pagemap() {
        return pagemap;
    }

    public PageRecords records() {
        return records;
    }

    /**
     * Starts the program, or lets it go on, with the pointer at a table.
     *
     * <p>Invariant: before the program runs on the migration table, whoever touches a missing page through it waits.
     */
    public void resume(Table table, byte[] executionState) {
        if (table == Table.MIGRATION) {
            reportMissing();
            mayUseMigrationTable = true;
        }
        requests.callWithState(Message.of("resume").with("pointer", table.word()), executionState, LONG);
        pointer = table;
        departed = false;
        state = ProgramState.RUNNING;
    }

    /** Brings the program to rest; a program at rest gives the same state again. */
    public byte[] quiesce() {
        byte[] executionState = StateTransfer.take(requests.call(Message.of("quiesce"), LONG));
        state = ProgramState.QUIESCED;
        return executionState;
    }

    /** Tells the program that its partition runs elsewhere. */
    public void depart() {
        departed = true;
        requests.call(Message.of("depart"), SHORT);
        state = ProgramState.DEPARTED;
    }

    /** Has a program whose partition has departed give its memory up and wait for the next arrival. */
    public void awaitArrival() {
        awaitArrival(() -> {});
    }

    /**
     * As {@link #awaitArrival()}.
     *
     * @param emptied called as soon as the program holds nothing, before its tables are registered anew
     */
    public void awaitArrival(Runnable emptied) {
        requests.call(Message.of("await-arrival"), LONG);
        emptied.run();
        watchWaiting();
        state = ProgramState.INCOMING;
    }

    /**
     * Registers the tables of a program that waits. Its writes are watched again when it is a source again; until then the
     * partition table's entries can be made many at once. Missing pages are not reported yet: where they are, the kernel gathers
     * no huge page (mm/khugepaged.c, collapse_file). Write tracking is armed on the migration table while it is empty, so that its
     * entries will tell, when they are removed, whether the page was written.
     *
     * <p>Invariant: a program that waits touches no memory, so nobody misses the reports before {@link #resume}.
     */
    void watchWaiting() {
        mayUseMigrationTable = false;
        long sizeBytes = attachment.sizeBytes();
        // Registering never takes a mode away.
        userfaultfd.unregister(address(Table.PARTITION), sizeBytes);
        userfaultfd.unregister(address(Table.MIGRATION), sizeBytes);
        userfaultfd.register(address(Table.MIGRATION), sizeBytes, Userfaultfd.Mode.WRITE_PROTECT);
        userfaultfd.writeProtect(address(Table.MIGRATION), sizeBytes);
    }

    /** From now on whoever touches a missing page through the migration table waits. */
    public void reportMissing() {
        userfaultfd.register(
                address(Table.MIGRATION), attachment.sizeBytes(), Userfaultfd.Mode.MISSING_AND_WRITE_PROTECT);
    }

    /** Has the program drop a table's entries of a range. */
    public void dropEntries(Table table, PageRange pages) {
        requests.call(range("drop-entries", pages).with("table", table.word()), SHORT);
    }

    /** Has the program make the partition table's entries of a range, as far as pages are there. */
    public void populate(PageRange pages, boolean forWriting) {
        requests.call(range("populate", pages).with("access", forWriting ? "write" : "read"), LONG);
    }

    /** Moves the program's pointer to the partition table. */
    public void switchTables() {
        requests.call(Message.of("switch"), SHORT);
        pointer = Table.PARTITION;
    }

    /**
     * Ends the arrival: from now on no touch of the migration table reports a missing page.
     *
     * <p>Invariant: every page is resident, or known to hold zeroes, when this is called; a thread that waits for any other
     * page would wake up and read zeroes. Writes stay tracked: a write between the two steps finds an entry that is not
     * armed, which the next scan reports. A scan at the very same time fails with EPERM, so no scan may run beside this.
     */
    public void arrivalComplete() {
        long sizeBytes = attachment.sizeBytes();
        // Registering never takes a mode away, hence the two steps.
        userfaultfd.unregister(address(Table.MIGRATION), sizeBytes);
        userfaultfd.register(address(Table.MIGRATION), sizeBytes, Userfaultfd.Mode.WRITE_PROTECT);
    }

    /** Has a portion of the migration table swept. */
    public Sweep sweep(PageRange portion) {
        Message done = requests.call(range("sweep", portion), SHORT).message();
        return new Sweep(done.number("swept"), done.number("by-calls"));
    }

    /** Completes when the program has ended or closed its connection. */
    public CompletableFuture<Void> gone() {
        return gone.copy();
    }

    /** Waits until the program has ended or closed its connection, so long at the most. */
    @SuppressWarnings("Interruption") // whoever interrupts gets the thread back, after one look more
    void awaitGone(long timeoutNs) {
        try {
            gone.get(timeoutNs, TimeUnit.NANOSECONDS);
        } catch (TimeoutException notYet) {
            return;
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the connection; the program keeps its memory and looks for a new agent. */
    public void detach() {
        requests.shutdown();
    }

    /** Reads the program's answers until the connection ends; then everything that waits for one fails. */
    void serveReplies() {
        requests.readReplies();
    }

    /** Lets requests out; what was asked before has waited. */
    void opened() {
        requests.open();
    }

    void ended() {
        requests.end();
        gone.complete(null);
    }

    /** Closes descriptors and mappings; only after everything that uses them has stopped. */
    @Override
    public void close() {
        requests.shutdown();
        closeDescriptors();
    }

    /** Gives up what a program brought that is not attached after all; its connection stays, to tell it why. */
    void closeDescriptors() {
        pagemap.close();
        userfaultfd.close();
        memory.close();
        recordsMemory.close();
        arena.close();
    }

    private static Message range(String verb, PageRange pages) {
        return Message.of(verb).with("first-page", pages.firstPage()).with("page-count", pages.pageCount());
    }
}
