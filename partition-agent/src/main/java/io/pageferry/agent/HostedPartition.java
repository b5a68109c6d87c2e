package io.pageferry.agent;

import io.pageferry.attach.AttachedPartition;
import io.pageferry.attach.ProgramState;
import io.pageferry.direct.SpaceMappings;
import io.pageferry.heat.PartitionHeat;
import io.pageferry.page.PageRange;
import io.pageferry.pager.TrackedMemory;
import io.pageferry.pager.WriteTracker;
import io.pageferry.pagetable.PageRecords;
import io.pageferry.pagetable.Table;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/** A partition that this agent hosts: the attached program, its write tracking, and what of it is still arriving. */
final class HostedPartition {
    private final AttachedPartition attached;
    private final Standby standby;
    private final SpaceMappings spaceMappings = new SpaceMappings();
    private final WriteTracker tracker;
    private final PartitionHeat heat;
    private final Semaphore arrivalTurn = new Semaphore(1);
    private final boolean hasUnknownArrival;
    private volatile ArrivalTurns turns = new ArrivalTurns();
    private volatile Optional<Filling> filling = Optional.empty();

    /** @param allocatesAhead whether the memory of a program that waits is allocated before its partition comes */
    HostedPartition(AttachedPartition attached, boolean allocatesAhead) {
        this.attached = attached;
        this.standby = new Standby(attached, allocatesAhead);
        List<Long> bases = List.of(attached.address(Table.PARTITION), attached.address(Table.MIGRATION));
        TrackedMemory memory =
                new TrackedMemory(attached.userfaultfd(), attached.pagemap(), bases, attached.pageCount());
        this.tracker = new WriteTracker(memory, attached::basesInUse);
        this.heat = new PartitionHeat(memory, tracker, attached.records(), this::dropEntries);
        this.hasUnknownArrival = isLeftArriving(attached);
        if (!hasUnknownArrival && attached.state() != ProgramState.NEW) turns.arrivalKnown();
    }

    /** A program that was new runs, or cannot be made to: a migration out need not wait for it any more. */
    void begun() {
        turns.arrivalKnown();
    }

    private void dropEntries(PageRange pages) {
        for (Table table : Table.values()) attached.dropEntries(table, pages);
    }

    AttachedPartition attached() {
        return attached;
    }

    String name() {
        return attached.name();
    }

    /** Its memory while it waits for a partition. */
    Standby standby() {
        return standby;
    }

    /** Its paging space, as the direct path maps it. */
    SpaceMappings spaceMappings() {
        return spaceMappings;
    }

    WriteTracker tracker() {
        return tracker;
    }

    PartitionHeat heat() {
        return heat;
    }

    ArrivalTurns turns() {
        return turns;
    }

    /** Whether the program, when it attached, had arrived by another agent that had died before its end. */
    boolean hasUnknownArrival() {
        return hasUnknownArrival;
    }

    // Its pages may be in the space still, or its migration table holds entries whose record nobody has taken up.
    private static boolean isLeftArriving(AttachedPartition attached) {
        ProgramState state = attached.attachment().state();
        boolean hasRun = state == ProgramState.RUNNING || state == ProgramState.QUIESCED;
        boolean isOnMigrationTable = attached.attachment().pointer() == Table.MIGRATION;
        return hasRun && (isOnMigrationTable || attached.records().hasAny(PageRecords.STALE_ENTRY));
    }

    /** One permit, which whoever brings a partition into this program has until nothing of that is under way any more. */
    Semaphore arrivalTurn() {
        return arrivalTurn;
    }

    /** A partition begins to arrive in a program that waits. */
    void arrivalBegins() {
        turns = new ArrivalTurns();
    }

    /** Whether pages of it are, or may be, in the space still. */
    boolean isArriving() {
        return filling.isPresent() || !turns.isKnown();
    }

    /** What is still arriving, while anything is. */
    Optional<Filling> filling() {
        return filling;
    }

    void setFilling(Optional<Filling> now) {
        filling = now;
        turns.arrivalKnown();
    }

    /** This partition in a report to the paging server. */
    Map<String, Object> report() {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("name", name());
        report.put("size-bytes", attached.attachment().sizeBytes());
        report.put("state", attached.state().word());
        report.put("process-id", attached.attachment().processId());
        attached.attachment().endpoint().ifPresent(place -> report.put("endpoint", place));
        return report;
    }
}
