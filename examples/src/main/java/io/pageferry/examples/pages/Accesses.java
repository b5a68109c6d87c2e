package io.pageferry.examples.pages;

import io.pageferry.partition.PartitionMemory;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;
import org.jspecify.annotations.Nullable;

/**
 * One thread that accesses random pages on a schedule, and how long each access took. An access that comes late, because the
 * thread waited for an earlier one or the program was at rest, here or on the way here, is timed from when it was due. None is left
 * out: what has fallen due is caught up with as fast as it goes.
 */
final class Accesses {
    static final int STATE_BYTES = Long.BYTES + Schedule.SIZE_BYTES;

    private static final long LONGEST_NS = Schedule.LONGEST_GAP_NS;

    private final PageContent content;
    private final SplittableRandom random = new SplittableRandom(42);
    // Two digits: reports list what was counted, bucket by bucket.
    private final Histogram latency = new Histogram(LONGEST_NS, 2);
    private volatile long readsPerSecond = 1000;
    private volatile long writesPerSecond;
    private volatile boolean stopped;
    private volatile long writes;
    private volatile long doneUpToNs;
    /** The thread's while it runs. */
    private @Nullable Schedule schedule;

    private long wrongReads;
    private long writesToReport;
    private @Nullable Thread thread;

    Accesses(PageContent content) {
        this.content = content;
    }

    void setRates(long reads, long writesEach) {
        readsPerSecond = reads;
        writesPerSecond = writesEach;
    }

    /** Goes on with the schedule, or begins one now. */
    synchronized void start(PartitionMemory memory) {
        stopped = false;
        Schedule present = schedule;
        Schedule goesOn = present == null ? Schedule.beginningAt(System.nanoTime()) : present;
        schedule = goesOn;
        doneUpToNs = goesOn.dueNs() - Schedule.TICK_NS;
        Thread worker = Thread.ofPlatform().name("accesses").daemon().unstarted(() -> run(memory, goesOn));
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

    private synchronized boolean isRunning() {
        return thread != null;
    }

    long writes() {
        return writes;
    }

    /** How often it wrote, and when the next access is due; at rest. */
    synchronized byte[] state() {
        ByteBuffer state = ByteBuffer.allocate(STATE_BYTES).putLong(writes);
        Schedule present = schedule;
        (present == null ? Schedule.beginningAt(System.nanoTime()) : present).putTo(state);
        return state.array();
    }

    /** Takes over what {@link #state} said where the partition ran last; at rest. */
    synchronized void setState(byte[] before) {
        ByteBuffer state = ByteBuffer.wrap(before);
        writes = state.getLong();
        schedule = Schedule.goingOn(state, System.nanoTime());
    }

    private void run(PartitionMemory memory, Schedule due) {
        while (!stopped) {
            if (due.isDone()) due.advance(readsPerSecond, writesPerSecond);
            long waitNs = due.dueNs() - System.nanoTime();
            if (waitNs > 0) LockSupport.parkNanos(waitNs);
            // However much has fallen due, it stops between two accesses; what is left is due later, from the same
            // moment.
            while (!stopped && due.takeRead()) access(memory, due.dueNs(), false);
            while (!stopped && due.takeWrite()) access(memory, due.dueNs(), true);
            if (due.isDone()) doneUpToNs = due.dueNs();
        }
    }

    private void access(PartitionMemory memory, long dueNs, boolean write) {
        long page = random.nextLong(memory.sizeBytes() / PageContent.PAGE_BYTES);
        boolean late = System.nanoTime() - dueNs > Schedule.TICK_NS;
        long fromNs = late ? dueNs : System.nanoTime();
        if (write) {
            content.write(memory.segment(), content.filled(page));
            writes = writes() + 1;
        } else if (!content.read(memory.segment(), page)) {
            noteWrong();
            return;
        }
        note(System.nanoTime() - fromNs, write);
    }

    private synchronized void noteWrong() {
        wrongReads++;
    }

    private synchronized void note(long tookNs, boolean write) {
        latency.recordValue(Math.min(tookNs, LONGEST_NS));
        if (write) writesToReport++;
    }

    /** Waits until all that has fallen due by now is done, while the program runs here: what is behind counts, too. */
    void awaitDone() {
        long nowNs = System.nanoTime();
        while (isRunning() && doneUpToNs - nowNs < 0 && System.nanoTime() - nowNs < LONGEST_NS / 2) {
            LockSupport.parkNanos(Schedule.TICK_NS);
        }
    }

    /** The latencies since this was last called, as a line of JSON: in microseconds, and [ns, count] of each bucket. */
    synchronized String takeReport() {
        StringBuilder buckets = new StringBuilder();
        for (HistogramIterationValue bucket : latency.recordedValues()) {
            if (!buckets.isEmpty()) buckets.append(',');
            buckets.append('[').append(bucket.getValueIteratedTo()).append(',');
            buckets.append(bucket.getCountAddedInThisIterationStep()).append(']');
        }
        String report = String.format(
                "{\"accesses\":%d,\"writes\":%d,\"wrong\":%d,\"p50-us\":%.1f,\"p99-us\":%.1f,\"max-us\":%.1f,\"buckets\":[%s]}",
                latency.getTotalCount(),
                writesToReport,
                wrongReads,
                latency.getValueAtPercentile(50) / 1e3,
                latency.getValueAtPercentile(99) / 1e3,
                latency.getMaxValue() / 1e3,
                buckets);
        latency.reset();
        writesToReport = 0;
        return report;
    }
}
