package io.pageferry.agent;

import io.pageferry.attach.AttachedPartition;
import io.pageferry.linux.LinuxException;
import io.pageferry.pager.WaitingMemory;
import io.pageferry.process.Background;
import io.pageferry.process.Threads;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * The memory of a program that waits here: emptied, and where that is wanted allocated before its partition comes, so that
 * allocating, which takes longer than copying, is not part of the migration. That of a program that begins here is allocated in the same
 * way: memory that a program fills page by page lies in small pages, and so takes long to send, for a hypervisor that shadows page tables
 * ten times as long.
 *
 * <p>Invariant: the memory that {@link #take} hands out holds nothing of an earlier arrival, and nothing is allocated in it by this
 * any more.
 */
final class Standby implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Standby.class.getName());

    private final AttachedPartition attached;
    private final boolean allocatesAhead;
    private @Nullable WaitingMemory memory;
    private @Nullable Thread allocator;
    private boolean isTaken;
    private volatile boolean stopping;
    private volatile boolean hasGone;

    Standby(AttachedPartition attached, boolean allocatesAhead) {
        this.attached = attached;
        this.allocatesAhead = allocatesAhead;
    }

    /** Has the program give up all memory and wait; what is to be allocated ahead comes after that, in the background. */
    synchronized void prepare() {
        prepare(() -> {});
    }

    /**
     * As {@link #prepare()}.
     *
     * @param emptied called as soon as all memory is given up
     */
    synchronized void prepare(Runnable emptied) {
        close();
        attached.awaitArrival(emptied);
        WaitingMemory empty = new WaitingMemory(attached.memory(), attached.mapping());
        memory = empty;
        if (!allocatesAhead) return;
        stopping = false;
        allocator =
                Thread.ofPlatform().daemon().name("ahead-" + attached.name()).start(() -> allocate(empty));
    }

    /**
     * As {@link #prepare()}, for a program that has attached and waits, unless its memory was taken already.
     *
     * <p>Invariant: what an arrival has put into the memory is never emptied by whoever has found the program before it.
     *
     * @return whether it was done
     */
    synchronized boolean prepareAnew() {
        if (isTaken) return false;
        prepare();
        return true;
    }

    /**
     * Before a program begins on empty memory, where that is to be allocated ahead; it must not run yet.
     *
     * <p>Invariant: the mapping is there until {@link #close} returns, after {@link #giveUp}; so nothing is allocated through one that
     * has gone, whose addresses may be another's.
     */
    synchronized void allocateToBegin() {
        if (!allocatesAhead || hasGone) return;
        stopping = false;
        gather(new WaitingMemory(attached.memory(), attached.mapping()), "begins in memory of");
    }

    private void allocate(WaitingMemory empty) {
        try (var _ = Background.begin()) {
            gather(empty, "allocated ahead:");
        }
    }

    private void gather(WaitingMemory empty, String what) {
        try {
            long extents = 0;
            for (long page = 0;
                    page < attached.pageCount() && !stopping && !hasGone;
                    page += WaitingMemory.EXTENT_PAGES) {
                if (empty.gather(page)) extents++;
            }
            LOG.log(Level.INFO, "partition {0}: {1} {2} huge pages", attached.name(), what, extents);
        } catch (LinuxException noRoom) {
            // What was allocated serves; the rest is allocated as it comes.
            LOG.log(Level.WARNING, "partition {0}: not all allocated ahead: {1}", attached.name(), noRoom.getMessage());
        }
    }

    /** The memory for an arrival, which is the caller's from now on. */
    synchronized WaitingMemory take() {
        isTaken = true;
        WaitingMemory ready = memory;
        if (ready == null) {
            attached.awaitArrival();
            return new WaitingMemory(attached.memory(), attached.mapping());
        }
        stopAllocating();
        memory = null;
        return ready;
    }

    /** The memory with what an agent before this one has left in it, for whoever goes on with that. */
    synchronized WaitingMemory takeAsItIs() {
        isTaken = true;
        return new WaitingMemory(attached.memory(), attached.mapping());
    }

    /** Its program has gone: nothing is allocated any more, and what is under way ends soon. */
    void giveUp() {
        hasGone = true;
    }

    private void stopAllocating() {
        Thread running = allocator;
        allocator = null;
        stopping = true;
        if (running != null) Threads.awaitEnd(running);
    }

    /** Ends what is under way; the memory stays as it is. */
    @Override
    public synchronized void close() {
        stopAllocating();
        memory = null;
    }
}
