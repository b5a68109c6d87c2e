package io.pageferry.examples.pages;

import io.pageferry.partition.PartitionMemory;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * One thread that accesses random pages on a schedule, and how long each access took. An access that comes late, because the
 * thread waited for an earlier one or was at rest, is timed from when it was due.
 */
final class Accesses {
    private static final long TICK_NS = 1_000_000;
    private static final long LONGEST_NS = 60_000_000_000L;

    private final PageContent content;
    private final SplittableRandom random = new SplittableRandom(42);
    private final Histogram latency = new Histogram(LONGEST_NS, 3);
    private volatile long readsPerSecond = 1000;
    private volatile long writesPerSecond;
    private volatile boolean stopped;
    private volatile long writes;
    private long wrongReads;
    private @Nullable Thread thread;

    Accesses(PageContent content) {
        this.content = content;
    }

    void setRates(long reads, long writesEach) {
        readsPerSecond = reads;
        writesPerSecond = writesEach;
    }

    synchronized void start(PartitionMemory memory) {
        stopped = false;
        Thread worker = Thread.ofPlatform().name("accesses").daemon().unstarted(() -> run(memory));
        thread = worker;
        worker.start();
    }

    /** Returns once the memory is not touched any more. Not synchronized: the thread that is waited for may have an access to note. */
    void stop() {
        stopped = true;
        Thread worker = takeThread();
        if (worker == null) return;
        try {
            worker.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized @Nullable Thread takeThread() {
        Thread worker = thread;
        thread = null;
        return worker;
    }

    long writes() {
        return writes;
    }

    void setWrites(long before) {
        writes = before;
    }

    private void run(PartitionMemory memory) {
        double readsDue = 0;
        double writesDue = 0;
        for (long dueNs = System.nanoTime(); !stopped; dueNs += TICK_NS) {
            long waitNs = dueNs - System.nanoTime();
            if (waitNs > 0) LockSupport.parkNanos(waitNs);
            readsDue += readsPerSecond * (TICK_NS / 1e9);
            writesDue += writesPerSecond * (TICK_NS / 1e9);
            for (; readsDue >= 1 && !stopped; readsDue--) access(memory, dueNs, false);
            for (; writesDue >= 1 && !stopped; writesDue--) access(memory, dueNs, true);
        }
    }

    private void access(PartitionMemory memory, long dueNs, boolean write) {
        long page = random.nextLong(memory.sizeBytes() / PageContent.PAGE_BYTES);
        boolean late = System.nanoTime() - dueNs > TICK_NS;
        long fromNs = late ? dueNs : System.nanoTime();
        if (write && content.isFilled(page)) {
            content.write(memory.segment(), page);
            writes = writes() + 1;
        } else if (!content.read(memory.segment(), page)) {
            note(-1);
            return;
        }
        note(System.nanoTime() - fromNs);
    }

    private synchronized void note(long tookNs) {
        if (tookNs < 0) wrongReads++;
        else latency.recordValue(Math.min(tookNs, LONGEST_NS));
    }

    /** The latencies since this was last called, as a line of JSON, in microseconds. */
    synchronized String takeReport() {
        String report = String.format(
                "{\"accesses\":%d,\"wrong\":%d,\"p50-us\":%.1f,\"p99-us\":%.1f,\"max-us\":%.1f}",
                latency.getTotalCount(),
                wrongReads,
                latency.getValueAtPercentile(50) / 1e3,
                latency.getValueAtPercentile(99) / 1e3,
                latency.getMaxValue() / 1e3);
        latency.reset();
        return report;
    }
}
