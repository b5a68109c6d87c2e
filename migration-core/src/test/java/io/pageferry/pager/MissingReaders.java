package io.pageferry.pager;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** Threads of the program that read all of its memory at once, each in an order of its own, and check what they read. */
final class MissingReaders {
    private MissingReaders() {}

    /** Says when all have read all: {@code "right"}, or what was wrong. */
    static void start(MemorySegment memory, long seed, int threadCount) {
        Thread.ofPlatform().daemon().start(() -> System.out.println(read(memory, seed, threadCount)));
    }

    private static String read(MemorySegment memory, long seed, int threadCount) {
        long pageCount = memory.byteSize() / PagePattern.PAGE;
        AtomicLong wrong = new AtomicLong();
        Thread[] threads = new Thread[threadCount];
        for (int i = 0; i < threadCount; i++) {
            Random random = new Random(seed + i);
            threads[i] =
                    Thread.ofPlatform().daemon().start(() -> wrong.addAndGet(readAll(memory, pageCount, seed, random)));
        }
        try {
            for (Thread thread : threads) thread.join();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
        return wrong.get() == 0 ? "right" : wrong.get() + " wrong pages";
    }

    private static long readAll(MemorySegment memory, long pageCount, long seed, Random random) {
        long wrong = 0;
        long start = random.nextLong(pageCount);
        long step = coprime(pageCount, random);
        for (long i = 0; i < pageCount; i++) {
            long page = (start + i * step) % pageCount;
            if (!PagePattern.holds(memory, page, seed)) wrong++;
        }
        return wrong;
    }

    private static long coprime(long pageCount, Random random) {
        long step;
        do step = 1 + random.nextLong(pageCount);
        while (gcd(step, pageCount) != 1);
        return step;
    }

    private static long gcd(long a, long b) {
        return b == 0 ? a : gcd(b, a % b);
    }
}
