package io.pageferry.partition;

import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A thread that makes page-table calls at random, beside everything else, until it is stopped. */
final class PageTableCalls implements Runnable {
    private final PartitionMemory memory;
    private final Random random;
    private final int firstPage;
    private final boolean[] isReleased;
    private final Thread thread = Thread.ofPlatform().daemon().unstarted(this);
    private volatile boolean stopped;
    private volatile @Nullable RuntimeException failure;

    private PageTableCalls(PartitionMemory memory, long seed, int firstPage, int pageCount) {
        this.memory = memory;
        this.random = new Random(seed);
        this.firstPage = firstPage;
        this.isReleased = new boolean[pageCount];
    }

    /** Calls on pages of a range, which nobody else may use. */
    static PageTableCalls start(PartitionMemory memory, long seed, int firstPage, int pageCount) {
        PageTableCalls calls = new PageTableCalls(memory, seed, firstPage, pageCount);
        calls.thread.start();
        return calls;
    }

    /** Returns when the last call has. */
    void stop() throws InterruptedException {
        stopped = true;
        thread.join();
        RuntimeException ended = failure;
        if (ended != null) throw new IllegalStateException("a call failed", ended);
    }

    @Override
    public void run() {
        try {
            while (!stopped) call(random.nextInt(isReleased.length));
        } catch (RuntimeException failed) {
            failure = failed;
        }
    }

    /** A page that was released is mapped soon, so that pages come and go. */
    private void call(int index) {
        long offset = (long) (firstPage + index) * PatternPages.PAGE;
        if (isReleased[index]) {
            memory.map(offset, PatternPages.PAGE);
            isReleased[index] = false;
        } else if (random.nextBoolean()) {
            memory.release(offset, PatternPages.PAGE);
            isReleased[index] = true;
        } else {
            memory.protect(offset, PatternPages.PAGE, random.nextBoolean() ? Access.READ_ONLY : Access.READ_WRITE);
        }
    }
}
