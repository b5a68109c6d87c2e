package io.pageferry.agent;

import io.pageferry.attach.AttachedPartition;
import io.pageferry.heat.PartitionHeat;
import io.pageferry.migration.TargetMigration;
import io.pageferry.page.PageRange;
import io.pageferry.pager.TrackedMemory;
import io.pageferry.pager.WriteTracker;
import io.pageferry.pagetable.Table;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A partition that this agent hosts: the attached program, its write tracking, and what of it is still arriving. */
final class HostedPartition {
    private final AttachedPartition attached;
    private final WriteTracker tracker;
    private final PartitionHeat heat;
    private volatile Optional<TargetMigration.Arrived> arrived = Optional.empty();

    HostedPartition(AttachedPartition attached) {
        this.attached = attached;
        List<Long> bases = List.of(attached.address(Table.PARTITION), attached.address(Table.MIGRATION));
        TrackedMemory memory =
                new TrackedMemory(attached.userfaultfd(), attached.pagemap(), bases, attached.pageCount());
        this.tracker = new WriteTracker(memory);
        this.heat = new PartitionHeat(memory, tracker, attached.records(), this::dropEntries);
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

    WriteTracker tracker() {
        return tracker;
    }

    PartitionHeat heat() {
        return heat;
    }

    /** What is still arriving, while anything is. */
    Optional<TargetMigration.Arrived> arrived() {
        return arrived;
    }

    void setArrived(Optional<TargetMigration.Arrived> now) {
        arrived = now;
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
