package io.pageferry.pager;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A thread of the program that reads every seventh page of a part of its memory, and writes every fourteenth, in rounds. */
final class HotLoop {
    static final long READ_STEP = 7;
    static final long WRITE_STEP = 14;
    private static final long PAGE = 4096;

    private final AtomicLong rounds = new AtomicLong();

    static HotLoop start(MemorySegment memory, long firstPage, long endPage) {
        HotLoop loop = new HotLoop();
        Thread.ofPlatform().daemon().start(() -> loop.run(memory, firstPage, endPage));
        return loop;
    }

    private void run(MemorySegment memory, long firstPage, long endPage) {
        long sum = 0;
        while (sum != Long.MIN_VALUE) {
            for (long page = firstPage; page < endPage; page += READ_STEP) {
                if (page % WRITE_STEP == 0) memory.set(ValueLayout.JAVA_LONG, page * PAGE, sum);
                else sum += memory.get(ValueLayout.JAVA_LONG, page * PAGE) & 1;
            }
            rounds.incrementAndGet();
        }
    }

    static long rounds(@Nullable HotLoop loop) {
        if (loop == null) throw new IllegalStateException("nothing loops");
        return loop.rounds.get();
    }
}
