package io.pageferry.partition;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/** Threads that read and write words all over the memory, half and half, and time each access. */
final class BusyLoop {
    private static final long MAX_NS = 60_000_000_000L;
    private static final long WORDS_OFFSET = 8; // the first word of each page is the test's
    private static final int WORDS = 510;

    private final Recorder latencies = new Recorder(MAX_NS, 2);
    private final LongAdder sink = new LongAdder();
    private long phaseStartNs = System.nanoTime();

    static BusyLoop start(PartitionMemory memory, int threadCount) {
        BusyLoop loop = new BusyLoop();
        for (int i = 0; i < threadCount; i++) {
            SplittableRandom random = new SplittableRandom(i);
            Thread.ofPlatform().daemon().start(() -> loop.run(memory, random));
        }
        return loop;
    }

    private void run(PartitionMemory memory, SplittableRandom random) {
        long pageCount = memory.sizeBytes() / PatternPages.PAGE;
        long sum = 0;
        while (sum != Long.MIN_VALUE) {
            long at = random.nextLong(pageCount) * PatternPages.PAGE + WORDS_OFFSET * (1 + random.nextInt(WORDS));
            boolean writes = random.nextBoolean();
            long startNs = System.nanoTime();
            MemorySegment now = memory.segment();
            if (writes) now.set(ValueLayout.JAVA_LONG_UNALIGNED, at, sum);
            else sum += now.get(ValueLayout.JAVA_LONG_UNALIGNED, at) & 1;
            latencies.recordValue(Math.min(MAX_NS, System.nanoTime() - startNs));
        }
        sink.add(sum);
    }

    /** What happened since the last call: accesses a second, and latencies in ns. */
    String phase() {
        Histogram histogram = latencies.getIntervalHistogram();
        long nowNs = System.nanoTime();
        double seconds = (nowNs - phaseStartNs) / 1e9;
        phaseStartNs = nowNs;
        return String.format(
                Locale.ROOT,
                "%.3f %.0f %d %d %d %d",
                seconds,
                histogram.getTotalCount() / seconds,
                histogram.getValueAtPercentile(50),
                histogram.getValueAtPercentile(99),
                histogram.getValueAtPercentile(99.9),
                histogram.getMaxValue());
    }
}
