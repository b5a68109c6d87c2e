package io.pageferry.pager;

import io.pageferry.linux.Mapping;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Two threads of the program that write on and on, anywhere, through either mapping, until they are stopped. */
final class RandomWriter {
    private static final long PAGE = 4096;

    private final Thread[] threads = new Thread[2];
    private volatile boolean running = true;

    static RandomWriter start(long seed, Mapping[] mappings) {
        RandomWriter writer = new RandomWriter();
        for (int i = 0; i < writer.threads.length; i++) {
            long own = seed + i;
            writer.threads[i] = Thread.ofPlatform().daemon().start(() -> writer.write(new Random(own), mappings));
        }
        return writer;
    }

    private void write(Random random, Mapping[] mappings) {
        while (running) {
            MemorySegment memory = mappings[random.nextInt(2)].segment();
            // A burst in one place, so that whole page tables are written and dropped, then a pause in which they are
            // scanned.
            long first = random.nextLong(memory.byteSize() / PAGE);
            long end = Math.min(first + random.nextInt(1200), memory.byteSize() / PAGE);
            for (long page = first; page < end; page++) {
                memory.set(ValueLayout.JAVA_LONG, page * PAGE + 8L * random.nextInt(512), random.nextLong());
            }
            if (random.nextInt(4) == 0) LockSupport.parkNanos(100_000);
        }
    }

    static void stop(@Nullable RandomWriter writer) {
        if (writer == null) throw new IllegalStateException("nobody writes");
        writer.running = false;
        try {
            for (Thread thread : writer.threads) thread.join();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }
}
