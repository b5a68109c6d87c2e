package io.pageferry.migration;

import io.pageferry.attach.AttachedPartition;
import io.pageferry.heat.HeatMap;
import io.pageferry.heat.Order;
import io.pageferry.heat.PageQueue;
import io.pageferry.manifest.Manifest;
import io.pageferry.manifest.PageState;
import io.pageferry.page.PageSet;
import io.pageferry.pager.ResidentPages;
import io.pageferry.pager.WaitingMemory;
import io.pageferry.pagetable.PageRecords;

/**
 * What a partition that runs here still has in the paging space: the manifest, and which of its pages are not here yet.
 */
public final class Arrival {
    private final AttachedPartition partition;
    private final Manifest manifest;
    private final PageSet notInSpace;
    private final ResidentPages resident;
    private final HeatMap heat;

    private Arrival(
            AttachedPartition partition, Manifest manifest, PageSet notInSpace, ResidentPages resident, HeatMap heat) {
        this.partition = partition;
        this.manifest = manifest;
        this.notInSpace = notInSpace;
        this.resident = resident;
        this.heat = heat;
    }

    /**
     * Compares what was prefetched with the final manifest, and drops what is not the partition's content.
     *
     * <p>Invariant: after this, each page of the memory holds exactly what the manifest says, or is missing. Where pages are in place
     * nothing that is right is dropped along with its extent, since it could not be had again: a page that was sent, and then became one
     * that holds nothing, is overwritten with zeroes.
     *
     * @param inPlace whether pages are in this memory alone
     */
    static Arrival compare(AttachedPartition partition, Manifest manifest, Prefetch prefetch, boolean inPlace) {
        PageSet withoutData = manifest.withoutData();
        PageSet filled = prefetch.filled();
        PageSet wrong = filled.copy();
        wrong.removeAll(prefetch.held());
        wrong.addAll(prefetch.mismatches());
        // What came along with its extent, or between its neighbours, holds zeroes: right for what holds nothing in the
        // space either.
        PageSet zeroes = filled.copy();
        zeroes.removeAll(prefetch.touched());
        zeroes.addAll(prefetch.bridgedZeroes());
        zeroes.retainAll(withoutData);
        wrong.removeAll(zeroes);
        if (inPlace && !wrong.isEmpty()) wrong.removeAll(emptied(wrong, withoutData, prefetch.memory()));
        PageSet right = filled;
        right.removeAll(prefetch.memory().drop(wrong));
        return new Arrival(partition, manifest, withoutData, ResidentPages.with(right), prefetch.heat());
    }

    /** Makes those of these pages that are to hold nothing, and have a frame, zeroes; returns them. */
    private static PageSet emptied(PageSet pages, PageSet withoutData, WaitingMemory memory) {
        PageSet emptied = pages.copy();
        emptied.retainAll(withoutData);
        emptied.retainAll(memory.resident());
        emptied.forEachRange((first, count) -> {
            for (long page = first; page < first + count; page++)
                memory.pages(page, 1).fill((byte) 0);
        });
        return emptied;
    }

    /** Takes up an arrival whose agent has died: what is in the memory is the program's, the rest is in the space. */
    static Arrival takeUp(AttachedPartition partition, Manifest manifest) {
        HeatMap heat = new HeatMap(partition.pageCount());
        heat.learn(manifest.heats());
        return new Arrival(
                partition,
                manifest,
                manifest.withoutData(),
                ResidentPages.of(partition.memory(), partition.pageCount()),
                heat);
    }

    public Manifest manifest() {
        return manifest;
    }

    /** The pages that are zeroes, and in the space not at all. */
    public PageSet zeroes() {
        return notInSpace.copy();
    }

    ResidentPages resident() {
        return resident;
    }

    /** The pages whose content is in the space alone. */
    public PageSet missing() {
        PageSet missing = resident.missing();
        PageSet released = new PageSet(missing.pageCount());
        partition.records().addPagesWith(PageRecords.RELEASED, released);
        missing.removeAll(released);
        missing.removeAll(notInSpace);
        return missing;
    }

    /** Pages in the order in which they are to come; by the manifest's heat. */
    PageQueue ranked(PageSet pages, Order order) {
        return new PageQueue(order, heat, manifest::isReadOnly, pages);
    }

    /** The pages whose content is in the space alone, as the memory itself shows now. */
    public PageSet missingNow() {
        PageSet missing =
                ResidentPages.of(partition.memory(), partition.pageCount()).missing();
        PageSet released = new PageSet(missing.pageCount());
        partition.records().addPagesWith(PageRecords.RELEASED, released);
        missing.removeAll(released);
        missing.removeAll(notInSpace);
        return missing;
    }

    /** Whether the page's content, if it is missing here, is in the space; else it is zeroes. */
    boolean isInSpace(long pageIndex) {
        return manifest.state(pageIndex) == PageState.DATA
                && !partition.records().has(pageIndex, PageRecords.RELEASED);
    }
}
