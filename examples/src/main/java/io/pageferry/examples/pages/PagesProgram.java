package io.pageferry.examples.pages;

import io.pageferry.partition.PartitionMemory;
import io.pageferry.partition.Program;
import org.jspecify.annotations.Nullable;

/**
 * Fills its memory once, then reads and writes pages wherever the partition runs. What it hands over: how often it wrote, and when the
 * next access is due.
 */
final class PagesProgram implements Program {
    private final PageContent content;
    private final Accesses accesses;
    private volatile @Nullable PartitionMemory memory;

    PagesProgram(PageContent content, Accesses accesses) {
        this.content = content;
        this.accesses = accesses;
    }

    @Override
    public void resume(PartitionMemory where, byte[] state) {
        memory = where;
        if (state.length == 0) content.fill(where.segment());
        else accesses.setState(state);
        accesses.start(where);
        System.out.println("running");
    }

    @Override
    public byte[] quiesce() {
        accesses.stop();
        return accesses.state();
    }

    /** Stays, and waits for the partition to come back. */
    @Override
    public void departed() {
        memory = null;
        System.out.println("departed");
    }

    /** Whether every page is right and no write is lost; only while the partition runs here. */
    boolean verify() {
        PartitionMemory here = memory;
        if (here == null) return false;
        accesses.stop();
        boolean right = content.verify(here.segment()) == accesses.writes();
        accesses.start(here);
        return right;
    }
}
