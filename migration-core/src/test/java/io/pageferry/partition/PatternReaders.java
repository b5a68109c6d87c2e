package io.pageferry.partition;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** Threads that read every page of the memory between them, neighbours by different threads, and check each. */
final class PatternReaders {
    private final LongAdder read = new LongAdder();
    private final LongAdder wrong = new LongAdder();
    private final List<Thread> threads = new ArrayList<>();

    private PatternReaders() {}

    static PatternReaders start(PartitionMemory memory, long seed, int threadCount) {
        PatternReaders readers = new PatternReaders();
        long pageCount = memory.sizeBytes() / PatternPages.PAGE;
        for (int i = 0; i < threadCount; i++) {
            int first = i;
            readers.threads.add(Thread.ofPlatform().daemon().start(() -> {
                for (long page = first; page < pageCount; page += threadCount) {
                    if (!PatternPages.holds(memory.segment(), page, seed)) readers.wrong.increment();
                    readers.read.increment();
                }
            }));
        }
        return readers;
    }

    long pagesRead() {
        return read.sum();
    }

    /** Waits until all is read: how many pages were read, and how many of them were wrong. */
    String await() throws InterruptedException {
        for (Thread thread : threads) thread.join();
        return read.sum() + " read, " + wrong.sum() + " wrong";
    }
}
